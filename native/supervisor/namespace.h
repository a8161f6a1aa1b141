// The world of one run: its own process numbers, its own System V objects, its own /proc. One object of the kernel's a
// run, held together by a reaper (PID 1 of the namespace). A student must never be PID 1: signals whose default is to
// end or to stop a process do nothing there (pid_namespaces(7)).
#pragma once
#include <sys/types.h>

#include <memory>
#include <string>

namespace ipclab {

struct RunSpaceOptions {
  int first_pid = 20000;  // the first process of the run gets this pid; 0 leaves the kernel's 2
  long queue_bytes = 0;   // msgmnb of the namespace; 0 leaves the kernel's 16384
  int burnt_ids = 1;      // queue ids made and removed first
  std::string folder;     // all else is read-only in the run's mount namespace; empty: nothing is made so
};

// Fresh PID, IPC and mount namespace with a reaper as PID 1. Call from the thread that lives as long as the run: the
// reaper dies with it. Needs CAP_SYS_ADMIN: real root, or the root of userns-exec's user namespace.
class RunSpace {
 public:
  static RunSpace create(const RunSpaceOptions &options);  // throws Fault

  RunSpace(RunSpace &&other) noexcept;
  RunSpace &operator=(RunSpace &&) = delete;
  // Kills the reaper, and with it everything in the namespace, and waits for it. The reaper cannot go before its last
  // process is reaped, and those are children or tracees of ours: so this takes waitpid(-1, __WALL) until the reaper is
  // gone, and lets go whatever stops. A status that belongs to somebody else is lost: wait for your own first, or use
  // kill_all().
  ~RunSpace();

  // The kill without the waiting, for a caller that goes on with its own waitpid loop and then says that it saw the
  // reaper go.
  void kill_all() const;
  void set_reaped();

  pid_t reaper() const { return reaper_; }
  // The reaper as a descriptor: whoever calls setns with it joins the namespaces that are asked for. Owned by this
  // object; O_CLOEXEC.
  int descriptor() const { return descriptor_; }
  // Has it a /proc that shows the run's processes alone? Where that is refused (a container that covers parts of its
  // own) it is the machine's.
  bool own_proc() const;

  // The calling thread enters the run's IPC namespace, to look at its objects, and leaves it for an empty one.
  void join_ipc() const;
  void leave_ipc() const;

 private:
  RunSpace() = default;
  void start(const RunSpaceOptions &options);

  struct Memory;
  std::unique_ptr<Memory> memory_;  // the reaper's, who shares our address space
  pid_t reaper_ = -1;
  int descriptor_ = -1;
};

// The calling thread, and every process forked by it from now on, has no network: an empty namespace, not even abstract
// sockets of others. Once at the start of an engine, which then costs its runs nothing. False where it is refused.
bool leave_network();

// The same with System V objects. They go with the last process of the namespace, even after SIGKILL.
bool leave_ipc();

}  // namespace ipclab
