// What this machine allows, by trying it, for `ipclab doctor`.
#pragma once
#include <napi.h>

#include <string>

namespace ipclab {

struct Machine {
  bool root = false;  // effective uid 0 of the machine (not of a user namespace)
  bool in_user_namespace = false;
  bool user_namespace = false;  // can make one, and has capabilities in it
  // Can be made: directly if we have the right, else inside a new user namespace.
  bool pid_namespace = false, ipc_namespace = false, mount_namespace = false, network_namespace = false;
  bool own_proc = false;     // /proc of a new PID namespace can be mounted
  bool first_pid = false;    // ns_last_pid can be written there
  bool queue_bytes = false;  // msgmnb of a new IPC namespace can be written
  bool seccomp_filter = false, ptrace = false;
  int ptrace_scope = -1;  // Yama's; -1: none
  int landlock_abi = 0;
  long msgmax = 0, msgmnb = 0, msgmni = 0, pid_max = 0;
  int cores = 0;
  std::string kernel;
};

Machine probe_machine();
// The same as an object with the names in camel case.
Napi::Object probe(Napi::Env env);

}  // namespace ipclab
