// What this machine allows, found by trying it, for `ipclab doctor` and for the choice of how an engine is started.
#pragma once
#include <napi.h>

#include <string>

namespace ipclab {

struct Machine {
  std::string kernel;  // release, as uname(2) says
  int cores = 0;       // that this process may use
  bool root = false;   // user 0 here
  bool in_user_namespace = false;
  // Can namespaces be made as we are? If not, but in a new user namespace, an engine is started through userns-exec.
  bool direct = false;
  bool user_namespace = false;
  // Can be made, in whichever of the two ways.
  bool pid_namespace = false, ipc_namespace = false, mount_namespace = false, network_namespace = false;
  bool run_space = false;    // all that a run needs together
  bool own_proc = false;     // a run's /proc shows the run's processes alone
  bool first_pid = false;    // ns_last_pid can be written in a run
  bool queue_bytes = false;  // msgmnb can be written in a run
  bool seccomp_trace = false, ptrace = false;
  int ptrace_scope = -1;  // Yama's; -1: there is none
  int landlock_abi = 0;   // 0: there is none
  long msgmax = 0, msgmnb = 0, msgmni = 0, pid_max = 0;
};

Machine probe_machine();

// The same as a plain object, names in camel case.
Napi::Object probe(Napi::Env env);

}  // namespace ipclab
