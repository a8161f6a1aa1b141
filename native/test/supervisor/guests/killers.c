// Kills its children at one stroke, then reaps them.
#include "guest.h"
int main(void) {
  for (int child = 0; child < 3; child++) {
    if (fork() > 0) continue;
    for (;;) pause();
  }
  kill(-1, SIGKILL);
  while (wait(NULL) > 0) {
  }
  return 0;
}
