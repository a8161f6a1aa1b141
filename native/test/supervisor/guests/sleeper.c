// Sleeps, an alarm and a pause, for an hour each or as many seconds as asked for.
#include "guest.h"
static void handler(int signo) {
  (void)signo;
}
int main(int argc, char **argv) {
  int seconds = argc > 1 ? atoi(argv[1]) : 3600;
  on(SIGALRM, handler, 0);
  struct timespec time = {seconds, 0};
  nanosleep(&time, NULL);
  alarm((unsigned)seconds);
  pause();
  puts("woken");
  return 0;
}
