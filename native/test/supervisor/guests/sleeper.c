// Sleeps, an alarm and a pause: none of them is waited for.
#include "guest.h"
static void handler(int signo) {
  (void)signo;
}
int main(void) {
  on(SIGALRM, handler, 0);
  struct timespec hour = {3600, 0};
  nanosleep(&hour, NULL);
  alarm(3600);
  pause();
  puts("woken");
  return 0;
}
