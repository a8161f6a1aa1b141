#include "probe.h"

#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>

#include "fault.h"
#include "landlock.h"
#include "namespace.h"

namespace ipclab {
namespace {

// What a child finds out; it goes through a pipe.
struct Trial {
  bool user = false, pid = false, ipc = false, mount = false, network = false;
  bool run_space = false, own_proc = false, first_pid = false, queue_bytes = false;
};

bool write_file(const char *path, const char *text) {
  FILE *file = fopen(path, "we");
  if (!file) return false;
  const bool written = fputs(text, file) >= 0;
  return (fclose(file) == 0) && written;
}

long read_number(const char *path, long absent) {
  FILE *file = fopen(path, "re");
  if (!file) return absent;
  long number = absent;
  if (fscanf(file, "%ld", &number) != 1) number = absent;
  fclose(file);
  return number;
}

bool enter_user_namespace() {
  char users[64], groups[64];
  snprintf(users, sizeof users, "0 %u 1\n", geteuid());
  snprintf(groups, sizeof groups, "0 %u 1\n", getegid());
  return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", users) && write_file("/proc/self/gid_map", groups);
}

void try_run_space(Trial *trial) {
  RunSpaceOptions options;
  options.burnt_ids = 1;
  for (const bool with_queue_bytes : {true, false}) {
    for (const bool with_first_pid : {true, false}) {
      options.queue_bytes = with_queue_bytes ? 16384 : 0;
      options.first_pid = with_first_pid ? 20000 : 0;
      try {
        const RunSpace space = RunSpace::create(options);
        trial->run_space = true;
        trial->own_proc = space.own_proc();
        trial->first_pid = with_first_pid;
        trial->queue_bytes = with_queue_bytes;
        return;
      } catch (const Fault &) {
        // Then with less.
      }
    }
  }
}

Trial try_namespaces(bool in_new_user_namespace) {
  Trial trial;
  if (in_new_user_namespace) {
    trial.user = enter_user_namespace();
    if (!trial.user) return trial;
  }
  try_run_space(&trial);  // before the unshares: afterwards this process has another namespace for its children
  trial.ipc = unshare(CLONE_NEWIPC) == 0;
  trial.mount = unshare(CLONE_NEWNS) == 0;
  trial.network = unshare(CLONE_NEWNET) == 0;
  trial.pid = unshare(CLONE_NEWPID) == 0;
  return trial;
}

// In a child, which may lose itself in a namespace.
Trial run_trial(bool in_new_user_namespace) {
  Trial trial;
  int ends[2];
  if (pipe(ends) != 0) return trial;
  const pid_t pid = fork();
  if (pid == 0) {
    const Trial found = try_namespaces(in_new_user_namespace);
    _exit(write(ends[1], &found, sizeof found) == sizeof found ? 0 : 1);
  }
  close(ends[1]);
  if (pid > 0 && read(ends[0], &trial, sizeof trial) != sizeof trial) trial = Trial();
  close(ends[0]);
  if (pid > 0) waitpid(pid, nullptr, 0);
  return trial;
}

bool can_trace() {
  const pid_t pid = fork();
  if (pid < 0) return false;
  if (pid == 0) {
    for (;;) pause();
  }
  const bool traced = ptrace(PTRACE_SEIZE, pid, nullptr, nullptr) == 0;
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, __WALL);
  return traced;
}

bool has_seccomp_trace() {
  const uint32_t action = SECCOMP_RET_TRACE;
  return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

bool in_user_namespace() {
  FILE *file = fopen("/proc/self/uid_map", "re");
  if (!file) return false;
  unsigned inside = 0, outside = 0, count = 0;
  const int fields = fscanf(file, "%u %u %u", &inside, &outside, &count);
  fclose(file);
  return fields != 3 || inside != 0 || outside != 0 || count != ~0u;
}

int count_cores() {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

}  // namespace

Machine probe_machine() {
  Machine machine;
  utsname system{};
  uname(&system);
  machine.kernel = system.release;
  machine.cores = count_cores();
  machine.root = geteuid() == 0;
  machine.in_user_namespace = in_user_namespace();
  const Trial as_we_are = run_trial(false), apart = run_trial(true);
  machine.direct = as_we_are.run_space;
  machine.user_namespace = apart.user;
  const Trial &best = as_we_are.run_space || !apart.run_space ? as_we_are : apart;
  machine.pid_namespace = best.pid;
  machine.ipc_namespace = best.ipc;
  machine.mount_namespace = best.mount;
  machine.network_namespace = best.network;
  machine.run_space = best.run_space;
  machine.own_proc = best.own_proc;
  machine.first_pid = best.first_pid;
  machine.queue_bytes = best.queue_bytes;
  machine.seccomp_trace = has_seccomp_trace();
  machine.ptrace = can_trace();
  machine.ptrace_scope = static_cast<int>(read_number("/proc/sys/kernel/yama/ptrace_scope", -1));
  machine.landlock_abi = landlock_abi();
  machine.msgmax = read_number("/proc/sys/kernel/msgmax", 0);
  machine.msgmnb = read_number("/proc/sys/kernel/msgmnb", 0);
  machine.msgmni = read_number("/proc/sys/kernel/msgmni", 0);
  machine.pid_max = read_number("/proc/sys/kernel/pid_max", 0);
  return machine;
}

Napi::Object probe(Napi::Env env) {
  const Machine machine = probe_machine();
  Napi::Object object = Napi::Object::New(env);
  object.Set("kernel", machine.kernel);
  const struct {
    const char *name;
    bool value;
  } flags[] = {
      {"root", machine.root},
      {"inUserNamespace", machine.in_user_namespace},
      {"direct", machine.direct},
      {"userNamespace", machine.user_namespace},
      {"pidNamespace", machine.pid_namespace},
      {"ipcNamespace", machine.ipc_namespace},
      {"mountNamespace", machine.mount_namespace},
      {"networkNamespace", machine.network_namespace},
      {"runSpace", machine.run_space},
      {"ownProc", machine.own_proc},
      {"firstPid", machine.first_pid},
      {"queueBytes", machine.queue_bytes},
      {"seccompTrace", machine.seccomp_trace},
      {"ptrace", machine.ptrace},
  };
  for (const auto &flag : flags) object.Set(flag.name, flag.value);
  const struct {
    const char *name;
    long value;
  } numbers[] = {
      {"cores", machine.cores},
      {"ptraceScope", machine.ptrace_scope},
      {"landlockAbi", machine.landlock_abi},
      {"msgmax", machine.msgmax},
      {"msgmnb", machine.msgmnb},
      {"msgmni", machine.msgmni},
      {"pidMax", machine.pid_max},
  };
  for (const auto &number : numbers) object.Set(number.name, static_cast<double>(number.value));
  return object;
}

}  // namespace ipclab
