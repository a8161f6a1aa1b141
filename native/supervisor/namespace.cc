#include "namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>

#include "fault.h"
#include "namespace_reaper.h"

namespace ipclab {
namespace {

constexpr size_t kStackBytes = 32 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor &) = delete;
  Descriptor &operator=(const Descriptor &) = delete;
  int get() const { return number_; }
  void reset() {
    if (number_ >= 0) close(number_);
    number_ = -1;
  }

 private:
  int number_;
};

// A handler of Node's must not run in the reaper: it would write into the engine's memory. Also the C library's own two
// signals, which sigfillset leaves out.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    const uint64_t all = ~0ull;
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before_, sizeof before_);
  }
  ~SignalsBlocked() { syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before_, nullptr, sizeof before_); }
  SignalsBlocked(const SignalsBlocked &) = delete;
  SignalsBlocked &operator=(const SignalsBlocked &) = delete;

 private:
  uint64_t before_ = 0;
};

// An empty IPC namespace for the calling thread. Not the one that it came from: an ordinary user's engine could not go
// back to the machine's, which belongs to another user namespace.
int own_ipc() {
  thread_local Descriptor own([] {
    if (unshare(CLONE_NEWIPC) != 0) return -1;
    return open("/proc/thread-self/ns/ipc", O_RDONLY | O_CLOEXEC);
  }());
  return own.get();
}

}  // namespace

struct RunSpace::Memory {
  ReaperWork work;
  std::string folder;
  void *stack = MAP_FAILED;

  ~Memory() {
    if (stack != MAP_FAILED) munmap(stack, kStackBytes);
  }
};

RunSpace RunSpace::create(const RunSpaceOptions &options) {
  RunSpace space;
  space.start(options);
  return space;
}

void RunSpace::start(const RunSpaceOptions &options) {
  memory_ = std::make_unique<Memory>();
  ReaperWork &work = memory_->work;
  memory_->folder = options.folder;
  if (!options.folder.empty()) work.folder = memory_->folder.c_str();
  if (options.first_pid > 1) snprintf(work.last_pid, sizeof work.last_pid, "%d", options.first_pid - 1);
  if (options.queue_bytes > 0) snprintf(work.queue_bytes, sizeof work.queue_bytes, "%ld", options.queue_bytes);
  work.burnt_ids = options.burnt_ids;
  memory_->stack = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory_->stack == MAP_FAILED) throw Fault("mmap of the reaper's stack", errno);
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw Fault("pipe to the reaper", errno);
  Descriptor ready(ends[0]), theirs(ends[1]);
  work.ready = theirs.get();
  {
    SignalsBlocked blocked;
    constexpr int kFlags = CLONE_VM | CLONE_PIDFD | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS | SIGCHLD;
    reaper_ = clone(run_reaper, static_cast<char *>(memory_->stack) + kStackBytes, kFlags, &work, &descriptor_);
  }
  if (reaper_ < 0) throw Fault("clone with a new PID, IPC and mount namespace", errno);
  theirs.reset();
  char done = 0;
  ssize_t got;
  while ((got = read(ready.get(), &done, 1)) < 0 && errno == EINTR) {
  }
  if (got != 1) throw Fault(reaper_step_text(work.failed), work.error);
}

RunSpace::RunSpace(RunSpace &&other) noexcept
    : memory_(std::move(other.memory_)), reaper_(other.reaper_), descriptor_(other.descriptor_) {
  other.reaper_ = other.descriptor_ = -1;
}

void RunSpace::kill_all() const {
  if (reaper_ > 0) kill(reaper_, SIGKILL);
}

void RunSpace::set_reaped() {
  reaper_ = -1;
  memory_.reset();
}

RunSpace::~RunSpace() {
  if (descriptor_ >= 0) close(descriptor_);
  kill_all();
  while (reaper_ > 0) {
    int status;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0 && errno != EINTR) break;
    // Death comes with a last stop to those who trace exits (PTRACE_O_TRACEEXIT).
    if (pid > 0 && WIFSTOPPED(status)) ptrace(PTRACE_CONT, pid, nullptr, nullptr);
    if (pid == reaper_ && !WIFSTOPPED(status)) reaper_ = -1;
  }
}

bool RunSpace::own_proc() const {
  return memory_->work.own_proc;
}

void RunSpace::join_ipc() const {
  if (own_ipc() < 0) throw Fault("unshare(IPC namespace of the engine)", errno);
  if (setns(descriptor_, CLONE_NEWIPC) != 0) throw Fault("setns(IPC namespace of the run)", errno);
}

void RunSpace::leave_ipc() const {
  if (setns(own_ipc(), CLONE_NEWIPC) != 0) throw Fault("setns(IPC namespace of the engine)", errno);
}

bool leave_network() {
  return unshare(CLONE_NEWNET) == 0;
}

bool leave_ipc() {
  return unshare(CLONE_NEWIPC) == 0;
}

}  // namespace ipclab
