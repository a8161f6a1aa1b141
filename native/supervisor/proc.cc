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

size_t ThreadFiles::read(const char *name, FileDescriptor *file, char *buffer, size_t size) const {
  if (!*file) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/%s", process_, tid_, name);
    file->reset(open(path, O_RDONLY | O_CLOEXEC));
  }
  const ssize_t got = *file ? pread(file->get(), buffer, size - 1, 0) : -1;
  const size_t length = got > 0 ? static_cast<size_t>(got) : 0;
  buffer[length] = 0;
  return length;
}

bool ThreadFiles::is_sleeping() const {
  char text[1024];
  if (!read("stat", &stat_, text, sizeof text)) return false;
  const char *name_end = strrchr(text, ')');  // a program chooses its name (proc_pid_stat(5))
  return name_end && strncmp(name_end, ") S", 3) == 0;
}

ProcessorTimes ThreadFiles::read_times() const {
  char text[128];
  unsigned long long used = 0, waited = 0;
  if (read("schedstat", &schedstat_, text, sizeof text)) sscanf(text, "%llu %llu", &used, &waited);
  return {static_cast<double>(used) / 1e6, static_cast<double>(waited) / 1e6};
}

uint64_t ThreadFiles::read_switches() const {
  char text[128];
  unsigned long long runs = 0;
  if (read("schedstat", &schedstat_, text, sizeof text) && sscanf(text, "%*u %*u %llu", &runs) == 1 && runs > 0)
    return runs;
  // A kernel that does not count them there (sched-stats.rst) does so in `status`, which is slow to read.
  char path[64], status[4096];
  snprintf(path, sizeof path, "/proc/%d/task/%d/status", process_, tid_);
  read_file(path, status, sizeof status);
  return field(status, "\nvoluntary_ctxt_switches:", 10) + field(status, "\nnonvoluntary_ctxt_switches:", 10);
}

long ThreadFiles::read_current_call() const {
  char text[256];
  if (!read("syscall", &syscall_, text, sizeof text) || strncmp(text, "running", 7) == 0) return -1;
  return strtol(text, nullptr, 10);
}

bool ThreadFiles::is_gone() const {
  char text[1024];
  return read("stat", &stat_, text, sizeof text) == 0;
}

void ThreadFiles::close() {
  for (FileDescriptor *file : {&stat_, &schedstat_, &syscall_}) file->reset();
}

FileDescriptor open_process(pid_t process) {
  return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
}

bool is_descriptor_ready(const FileDescriptor &process, int descriptor) {
  if (!process) return true;  // it is dying: let it go on
  const FileDescriptor copy(static_cast<int>(syscall(SYS_pidfd_getfd, process.get(), descriptor, 0)));
  if (!copy) return true;  // a bad descriptor fails at once
  pollfd poller{copy.get(), POLLIN, 0};
  return poll(&poller, 1, 0) > 0;
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
