// A receive that is interrupted by a handler that receives, too.
#include "guest.h"
static int queue;
static void handler(int signo) {
  struct message m;
  (void)signo;
  msgrcv(queue, &m, sizeof m.text, 2, 0);
}
int main(void) {
  struct message m;
  queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  on(SIGTERM, handler, 0);
  msgrcv(queue, &m, sizeof m.text, 1, 0);
}
