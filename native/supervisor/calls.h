// The system calls that the supervisor knows: what each is called, what its arguments mean, and when a process is held
// at it.
#pragma once
#include <string>
#include <vector>

#include "trace.h"
#include "tracee.h"

namespace ipclab {

enum class CallClass {
  Schedule,   // held at entry until the schedule moves it; recorded
  Record,     // concerns the process alone: goes on at once; recorded (sigaction is held if the plan asks for signals)
  EventLoop,  // epoll: a waiting point that is never recorded (how often a loop turns depends on the clock)
  Silent,     // goes on at once, unseen
};

struct PendingCall;

struct CallRow {
  long number;
  const char *name;  // as in CallName of trace.ts
  CallClass call_class;
  void (*decode)(pid_t tid, PendingCall *call);
  enum class About { Anything, Files, Mask } about = About::Anything;  // the others: seen if the plan asks for it

  bool is_about_files() const { return about == About::Files; }
  bool is_about_mask() const { return about == About::Mask; }
};

// A call at whose entry a thread stands.
struct PendingCall {
  const CallRow *row = nullptr;
  long number = 0;
  long raw[6] = {};
  CallArgs args;
  std::string bytes;             // msgsnd: the message without its type
  int file = -1, replaced = -1;  // of the run's folder, at the entry: what `path` and `to` name

  std::string place;  // in the student's source, if it is known

  bool is(const char *name) const;
  bool nowait() const;  // IPC_NOWAIT or WNOHANG given
};

// Null for a call that the filter does not trace.
const CallRow *find_call(long number);

PendingCall decode_call(pid_t tid, const Registers &registers);

// A `struct msgbuf` of the process: its type, and `size` bytes after it. False if it is not all there.
bool read_message(pid_t tid, long address, size_t size, long *mtype, std::string *bytes);

// Longest message that a kernel allows here (msgmax); bytes beyond are not read.
constexpr size_t kLongestMessage = 1 << 16;

}  // namespace ipclab
