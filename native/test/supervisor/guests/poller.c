// A busy waiter and the one that it waits for.
#include "guest.h"
int main(void) {
  int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  if (fork() == 0) {
    put(queue, 1, "here");
    return 0;
  }
  struct message m;
  int polls = 0;
  while (msgrcv(queue, &m, sizeof m.text, 0, IPC_NOWAIT) < 0) polls++;
  wait(NULL);
  msgctl(queue, IPC_RMID, NULL);
  return polls > 5;
}
