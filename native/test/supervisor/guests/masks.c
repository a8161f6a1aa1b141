// A child sends its parent SIGUSR1 twice. The parent waits for one: "flag" looks, then pauses; "suspend" blocks it
// first; "late" looks, too, but installs its handler when the child may run already.
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile sig_atomic_t got = 0;
static void on_signal(int signal) {
  (void)signal;
  got++;
}

int main(int argc, char **argv) {
  struct sigaction action = {.sa_handler = on_signal};
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  const int late = argc > 1 && strcmp(argv[1], "late") == 0;
  if (!late) sigaction(SIGUSR1, &action, NULL);
  const int suspends = argc > 1 && strcmp(argv[1], "suspend") == 0;
  if (suspends) sigprocmask(SIG_BLOCK, &blocked, &before);
  const pid_t parent = getpid();
  if (fork() == 0) {
    kill(parent, SIGUSR1);
    kill(parent, SIGUSR1);
    return 0;
  }
  if (late) sigaction(SIGUSR1, &action, NULL);
  while (!got) {
    if (suspends) {
      sigsuspend(&before);
    } else {
      pause();
    }
  }
  if (suspends) sigprocmask(SIG_SETMASK, &before, NULL);
  while (waitpid(-1, NULL, 0) < 0) continue;
  return 0;
}
