// What /proc and pidfds tell of a thread that ptrace does not.
#pragma once
#include <sys/types.h>

#include <cstdint>

namespace ipclab {

struct SignalMasks {
  uint64_t pending_thread = 0, pending_process = 0, blocked = 0, ignored = 0, caught = 0;

  static bool in(uint64_t mask, int signal) { return signal >= 1 && signal <= 64 && (mask >> (signal - 1)) & 1; }
  // Would this signal do nothing at all to the process?
  bool is_ignored(int signal) const;
  // Signals that are due now and do something.
  uint64_t deliverable() const;
  // Signals that are due now and do nothing.
  uint64_t due_but_ignored() const;
};

// False when the thread is gone.
bool read_signal_masks(pid_t tid, SignalMasks *masks);

// Signals that a stopped thread has blocked (PTRACE_GETSIGMASK); none when it is gone.
uint64_t read_blocked_signals(pid_t tid);

// How often the thread has been switched out, and whether it sleeps now. Two equal readings with `sleeping` mean that
// it slept all the while in between.
struct SleepState {
  bool gone = false, sleeping = false;
  uint64_t switches = 0;
};
SleepState read_sleep_state(pid_t process, pid_t tid);

// The system call in which the thread sleeps, or -1 if it is not off the processor.
long read_current_call(pid_t process, pid_t tid);

// Is there something to read for the process on this descriptor of its own? (epoll descriptors count as readable when
// one of theirs is ready.)
bool is_descriptor_ready(pid_t process, int descriptor);

// Its number in its own PID namespace, or 0.
pid_t read_own_pid(pid_t process);

// Milliseconds of CPU that the process has used.
double read_cpu_ms(pid_t process);

}  // namespace ipclab
