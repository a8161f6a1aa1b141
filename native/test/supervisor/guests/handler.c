// A receive that a handled signal interrupts; says what it saw first.
#include "guest.h"
static volatile sig_atomic_t seen;
static void handler(int signo) {
  seen = signo;
}
int main(void) {
  on(SIGTERM, handler, SA_RESTART);
  int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  struct message m;
  if (seen) put(queue, 1, "early");
  ssize_t size = msgrcv(queue, &m, sizeof m.text, 0, 0);
  printf("%s, handler %s\n", size < 0 ? strerrorname_np(errno) : "message", seen ? "ran" : "did not run");
  msgctl(queue, IPC_RMID, NULL);
  return 0;
}
