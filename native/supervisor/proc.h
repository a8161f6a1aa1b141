// What /proc and pidfds tell of a thread that ptrace does not.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

#include "base/file_descriptor.h"

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

// Of a thread since its start, in milliseconds; zeros where the kernel does not count them.
struct ProcessorTimes {
  double used = 0;
  double waited = 0;  // it could have run, and had no processor
};

// What /proc says of one thread, through files that stay open: to open one costs more than to read it. Each file is
// opened when it is first asked for, and then goes on telling of this thread alone, even when its number is another's.
class ThreadFiles {
 public:
  ThreadFiles(pid_t process, pid_t tid) : process_(process), tid_(tid) {}

  // Does it sleep now? Not while it waits for a disk, nor when it is stopped or gone.
  bool is_sleeping() const;
  ProcessorTimes read_times() const;
  // How often it has come to run. Two equal answers mean that it has not run in between.
  uint64_t read_switches() const;
  // The system call in which it is off the processor, -1 if it is not, or is gone.
  long read_current_call() const;
  bool is_gone() const;
  // Of a thread that is gone nothing more can be told.
  void close();

 private:
  size_t read(const char *name, FileDescriptor *file, char *buffer, size_t size) const;

  pid_t process_, tid_;
  mutable FileDescriptor stat_, schedstat_, syscall_;
};

// A reference to a process that a later one of the same number does not answer (pidfd_open(2)).
FileDescriptor open_process(pid_t process);

// Is there something to read for the process on this descriptor of its own? (epoll descriptors count as readable when
// one of theirs is ready.)
bool is_descriptor_ready(const FileDescriptor &process, int descriptor);

// Its number in its own PID namespace, or 0.
pid_t read_own_pid(pid_t process);

// Milliseconds of CPU that the process has used.
double read_cpu_ms(pid_t process);

}  // namespace ipclab
