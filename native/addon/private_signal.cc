#include "addon/private_signal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <initializer_list>
#include <memory>

#include "addon/restartable.h"

namespace ipclab {
namespace {

constexpr int kBlockEverything = 1;
std::atomic<int> quiet_threads{0};

void on_private_signal(int, siginfo_t *info, void *context) {
  if (info->si_code != SI_QUEUE || info->si_value.sival_int != kBlockEverything) {
    leave_window(context);
    return;
  }
  // The mask that the thread goes on with is in its saved context. Faults and glibc's own signals (below SIGRTMIN) stay
  // open.
  uint64_t mask = ~uint64_t{0};
  for (int open : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF, 32, 33, private_signal()})
    mask &= ~(uint64_t{1} << (open - 1));
  memcpy(&static_cast<ucontext_t *>(context)->uc_sigmask, &mask, sizeof mask);  // the kernel's set is 8 bytes long
  quiet_threads++;
}

// The thread's blocked signals, as proc_pid_status(5) shows them; all of them if the thread is gone.
uint64_t blocked_signals(pid_t thread) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/self/task/%d/status", thread);
  const std::unique_ptr<FILE, int (*)(FILE *)> status(fopen(path, "re"), fclose);
  while (status && fgets(line, sizeof line, status.get()))
    if (strncmp(line, "SigBlk:", 7) == 0) return strtoull(line + 7, nullptr, 16);
  return ~uint64_t{0};
}

}  // namespace

int private_signal() {
  return SIGRTMAX;
}

void install_private_signal() {
  struct sigaction action = {};
  action.sa_sigaction = on_private_signal;
  action.sa_flags = SA_SIGINFO;
  sigfillset(&action.sa_mask);
  sigaction(private_signal(), &action, nullptr);
}

void interrupt_thread(pid_t thread) {
  syscall(SYS_tgkill, getpid(), thread, private_signal());
}

void quiet_helper_threads(const sigset_t &wanted) {
  uint64_t wanted_bits;
  memcpy(&wanted_bits, &wanted, sizeof wanted_bits);
  wanted_bits &= ~(uint64_t{1} << (SIGKILL - 1) | uint64_t{1} << (SIGSTOP - 1));
  if (!wanted_bits) return;
  const std::unique_ptr<DIR, int (*)(DIR *)> tasks(opendir("/proc/self/task"), closedir);
  if (!tasks) return;
  const pid_t process = getpid(), self = gettid();
  int asked = 0;
  quiet_threads = 0;
  while (const dirent *entry = readdir(tasks.get())) {
    const pid_t thread = atoi(entry->d_name);
    if (thread <= 0 || thread == self || !(wanted_bits & ~blocked_signals(thread))) continue;
    siginfo_t info = {};
    info.si_signo = private_signal();
    info.si_code = SI_QUEUE;
    info.si_pid = process;
    info.si_uid = getuid();
    info.si_value.sival_int = kBlockEverything;
    if (syscall(SYS_rt_tgsigqueueinfo, process, thread, private_signal(), &info) == 0) asked++;
  }
  // They sleep, so they answer at once; a thread that ends meanwhile never does, hence the limit.
  for (int turn = 0; quiet_threads < asked && turn < 10000; turn++) sched_yield();
}

}  // namespace ipclab
