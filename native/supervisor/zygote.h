// Both ends of the channel to a zygote, which forks the roles: a warm Node process that has compiled a submission's
// programs; or, for executables, a small process (exec-zygote/main.cc).
//
// Requests and answers are packets of a SEQPACKET socket pair (descriptor 3 in the zygote): a request is a Launch with
// its descriptors passed along; the answer is the new process's pid.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "launch.h"

namespace ipclab {

// The engine's end.
class ZygoteLink {
 public:
  ZygoteLink() = default;
  ~ZygoteLink();
  ZygoteLink(const ZygoteLink &) = delete;
  ZygoteLink &operator=(const ZygoteLink &) = delete;

  // Starts `command` (absolute program first) and waits until it says that it is ready.
  void start(const std::vector<std::string> &command, const std::vector<std::string> &env);
  void stop();
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  void forget() { pid_ = -1; }  // it is dead, and reaped

  pid_t fork_role(const Launch &launch);

 private:
  pid_t pid_ = -1;
  int socket_ = -1;
};

// Those of an engine.
struct Zygotes {
  ZygoteLink scripts, executables;

  // Takes note if it was one of them that has ended.
  bool have_lost(pid_t pid);
};

// The zygote's end: receive, fork there, then begin in the child or answer in the parent.
constexpr int kZygoteSocket = 3;
void zygote_announce();
// False when the engine is gone. Has entered the run's PID namespace for its children.
bool zygote_receive(Launch *launch);
void zygote_answer(const Launch &launch, pid_t pid);
void zygote_begin(const Launch &launch);

}  // namespace ipclab
