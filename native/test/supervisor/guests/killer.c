// Kills its child, then reaps it.
#include "guest.h"
int main(int argc, char **argv) {
  int signo = argc > 1 ? atoi(argv[1]) : SIGKILL;
  pid_t child = fork();
  if (child == 0) {
    for (;;) pause();
  }
  kill(child, signo);
  int status;
  waitpid(child, &status, 0);
  return WTERMSIG(status);
}
