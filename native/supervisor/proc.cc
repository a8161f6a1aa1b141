#include "proc.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cinttypes>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>

namespace ipclab {
namespace {

constexpr uint64_t bit(int signal) {
  return 1ull << (signal - 1);
}
constexpr uint64_t kIgnoredByDefault = bit(SIGCHLD) | bit(SIGURG) | bit(SIGWINCH) | bit(SIGCONT);

size_t read_file(const char *path, char *buffer, size_t size) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t got = read(fd, buffer, size - 1);
  close(fd);
  const size_t length = got > 0 ? static_cast<size_t>(got) : 0;
  buffer[length] = 0;
  return length;
}

uint64_t field(const char *text, const char *name, int base) {
  const char *at = strstr(text, name);
  return at ? strtoull(at + strlen(name), nullptr, base) : 0;
}

}  // namespace

bool SignalMasks::is_ignored(int signal) const {
  return in(ignored, signal) || (in(kIgnoredByDefault, signal) && !in(caught, signal));
}

uint64_t SignalMasks::due_but_ignored() const {
  const uint64_t due = (pending_thread | pending_process) & ~blocked;
  return due & (ignored | (kIgnoredByDefault & ~caught));
}

uint64_t SignalMasks::deliverable() const {
  return ((pending_thread | pending_process) & ~blocked) & ~due_but_ignored();
}

bool read_signal_masks(pid_t tid, SignalMasks *masks) {
  char path[48], text[4096];
  snprintf(path, sizeof path, "/proc/%d/status", tid);
  if (!read_file(path, text, sizeof text)) return false;
  masks->pending_thread = field(text, "\nSigPnd:", 16);
  masks->pending_process = field(text, "\nShdPnd:", 16);
  masks->blocked = field(text, "\nSigBlk:", 16);
  masks->ignored = field(text, "\nSigIgn:", 16);
  masks->caught = field(text, "\nSigCgt:", 16);
  return true;
}

uint64_t read_blocked_signals(pid_t tid) {
  uint64_t mask = 0;
  return ptrace(PTRACE_GETSIGMASK, tid, sizeof mask, &mask) == 0 ? mask : 0;
}

SleepState read_sleep_state(pid_t process, pid_t tid) {
  char path[64], text[4096];
  snprintf(path, sizeof path, "/proc/%d/task/%d/status", process, tid);
  SleepState state;
  if (!read_file(path, text, sizeof text)) {
    state.gone = true;
    return state;
  }
  const char *letter = strstr(text, "\nState:");
  state.sleeping = letter && letter[8] == 'S';
  state.switches = field(text, "\nvoluntary_ctxt_switches:", 10) + field(text, "\nnonvoluntary_ctxt_switches:", 10);
  return state;
}

long read_current_call(pid_t process, pid_t tid) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/task/%d/syscall", process, tid);
  if (!read_file(path, text, sizeof text) || strncmp(text, "running", 7) == 0) return -1;
  return strtol(text, nullptr, 10);
}

bool is_descriptor_ready(pid_t process, int descriptor) {
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, process, 0));
  if (pidfd < 0) return true;  // it is dying: let it go on
  const int copy = static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, descriptor, 0));
  close(pidfd);
  if (copy < 0) return true;  // a bad descriptor fails at once
  pollfd poller{copy, POLLIN, 0};
  const bool ready = poll(&poller, 1, 0) > 0;
  close(copy);
  return ready;
}

pid_t read_own_pid(pid_t process) {
  char path[48], text[4096];
  snprintf(path, sizeof path, "/proc/%d/status", process);
  read_file(path, text, sizeof text);
  const char *line = strstr(text, "\nNSpid:");
  const char *end = line ? strchr(line + 1, '\n') : nullptr;
  if (!end) return 0;
  while (end > line && end[-1] >= '0' && end[-1] <= '9') end--;  // the innermost namespace's is the last
  return static_cast<pid_t>(strtol(end, nullptr, 10));
}

double read_cpu_ms(pid_t process) {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

}  // namespace ipclab
