// What a forked process gives up before any student code runs in it. Order of use in the child, which has one thread:
// confine(), the tracer attaches (PTRACE_SEIZE), install_filter(), student code.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "fault.h"

namespace ipclab {

// The user and group that every student process sees as its own, whoever runs the grader. In a range that
// Debian's policy and systemd's table of users leave to nobody (60578 to 61183).
constexpr uid_t kStudentId = 60999;

struct Confinement {
  std::string folder;                 // absolute, the student's; working folder, and the only place to write
  std::vector<std::string> readable;  // absolute; may be read and executed below
  uint64_t cpu_ms = 0;                // 0: no limit, here and below
  uint64_t memory_bytes = 0;  // data of the process; for TypeScript, what it may add to the runtime it starts with
  uint64_t file_bytes = 0;
  uint64_t tasks = 0;       // processes and threads together; 0: what all runs of a machine may have at once
  bool typescript = false;  // forked from the zygote, not going to exec
  int space = -1;  // of a RunSpace, whose IPC and mount namespace are joined; the PID namespace was entered by forking.
                   // -1: those of this process
  std::vector<int> kept;  // descriptors that are not closed, beside 0, 1, 2 and a TypeScript runtime's own
};

// What can be done once in a process, for all that it forks; those are as confined without, only later. It keeps its
// own capabilities.
void prepare_to_confine();

// Namespaces joined, session of its own, working folder, limits, no_new_privs, user, group and capabilities dropped,
// Landlock. Never returns as root: throws Fault, after which the process is good for nothing but _exit.
void confine(const Confinement &confinement);

// The one seccomp filter: SECCOMP_RET_TRACE for traced calls, an errno for refused ones (seccomp_table.h), with
// `file_calls` also for calls on files. Last step:
// with no tracer attached, traced calls fail with ENOSYS.
void install_filter(bool file_calls = false);
void prepare_filters();

}  // namespace ipclab
