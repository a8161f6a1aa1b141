// A child that outlives its parent, and is stuck.
#include "guest.h"
int main(void) {
  int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  struct message m;
  if (fork() == 0) msgrcv(queue, &m, sizeof m.text, 0, 0);
  return 0;
}
