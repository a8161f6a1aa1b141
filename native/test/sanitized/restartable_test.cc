// The call that cannot miss a signal, met by one at each of its instructions.
//
// links: addon/restartable.cc
#include "addon/restartable.h"

#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "check.h"

using namespace ipclab;

namespace {

volatile int interrupted = 0;
enum Code { kCodeAgain = 10, kCodeInterrupted, kCodeOther };

void on_signal(int, siginfo_t *, void *context) {
  static int times = 0;
  if (++times > 200) _exit(kCodeOther);  // it never comes back
  interrupted = 1;
  leave_window(context);
}

// In a child: sleeps for ever unless the signal is seen. The alarm ends what missed it.
[[noreturn]] void wait_for_signal(int flags) {
  struct sigaction action {};
  action.sa_sigaction = on_signal;
  action.sa_flags = SA_SIGINFO | flags;
  sigaction(SIGUSR1, &action, nullptr);
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  alarm(20);
  raise(SIGSTOP);
  int ends[2];
  if (pipe(ends) != 0) _exit(kCodeOther);
  char byte;
  const long result = restartable_call(&interrupted, SYS_read, ends[0], &byte, 1);
  _exit(result == kAgain ? kCodeAgain : result == -EINTR ? kCodeInterrupted : kCodeOther);
}

// Gives the signal before the instruction that is `steps` after the function's first. Answers how the child ended, or
// -1 when the call had ended before.
int signal_after(int steps, int flags) {
  const pid_t child = fork();
  if (child == 0) wait_for_signal(flags);
  int status = 0;
  waitpid(child, &status, 0);
  const auto begin = reinterpret_cast<unsigned long long>(&ipclab_restartable_call);
  // To the function by a breakpoint, as many instructions lie before it.
  const auto address = reinterpret_cast<void *>(begin);
  const long code = ptrace(PTRACE_PEEKTEXT, child, address, nullptr);
  ptrace(PTRACE_POKETEXT, child, address, (code & ~0xffL) | 0xcc);
  ptrace(PTRACE_CONT, child, nullptr, nullptr);
  waitpid(child, &status, 0);
  ptrace(PTRACE_POKETEXT, child, address, code);
  user_regs_struct registers;
  ptrace(PTRACE_GETREGS, child, nullptr, &registers);
  registers.rip = begin;
  ptrace(PTRACE_SETREGS, child, nullptr, &registers);
  for (int i = 0; i < steps; i++) {
    ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr);
    waitpid(child, &status, 0);
  }
  ptrace(PTRACE_CONT, child, nullptr, SIGUSR1);
  waitpid(child, &status, 0);
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  kill(child, SIGKILL);  // it stands at the alarm's signal
  waitpid(child, nullptr, 0);
  return -1;
}

}  // namespace

TEST("it makes the call with six arguments and answers as the kernel does") {
  const volatile int quiet = 0;
  CHECK_EQUAL(restartable_call(&quiet, SYS_getpid), static_cast<long>(getpid()));
  CHECK_EQUAL(restartable_call(&quiet, SYS_close, -1), -static_cast<long>(EBADF));
  const long page = restartable_call(&quiet, SYS_mmap, 0L, 4096L, 3L, 0x22L, -1L, 0L);
  CHECK(page > 0);
  *reinterpret_cast<char *>(page) = 1;
  CHECK_EQUAL(restartable_call(&quiet, SYS_munmap, page, 4096L), 0L);
}

TEST("with the flag set the call is not made") {
  const volatile int set = 1;
  CHECK_EQUAL(restartable_call(&set, SYS_exit_group, 3), kAgain);
}

#if defined(__x86_64__)
// Eight instructions set the arguments, then come the look, the jump, and the call: at the eleventh it sleeps.
TEST("a signal at any instruction before the call is seen, and the call is not made") {
  for (int flags : {0, SA_RESTART}) {
    for (int steps = 0; steps <= 10; steps++) CHECK_EQUAL(signal_after(steps, flags), static_cast<int>(kCodeAgain));
  }
}
#endif

TEST("a signal that finds it asleep ends it with EINTR, and with SA_RESTART by not entering again") {
  for (int flags : {0, SA_RESTART}) {
    const pid_t child = fork();
    if (child == 0) {
      struct sigaction action {};
      action.sa_sigaction = on_signal;
      action.sa_flags = SA_SIGINFO | flags;
      sigaction(SIGALRM, &action, nullptr);
      ualarm(20000, 20000);  // again and again: one of them finds it asleep
      int ends[2];
      if (pipe(ends) != 0) _exit(kCodeOther);
      char byte;
      interrupted = 0;
      const long result = restartable_call(&interrupted, SYS_read, ends[0], &byte, 1);
      _exit(result == kAgain ? kCodeAgain : result == -EINTR ? kCodeInterrupted : kCodeOther);
    }
    int status = 0;
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK_EQUAL(WEXITSTATUS(status), static_cast<int>(flags ? kCodeAgain : kCodeInterrupted));
  }
}
