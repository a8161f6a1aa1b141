// Two processes, each waiting for the other's message.
#include "guest.h"
int main(void) {
  int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  struct message m;
  long mine = fork() == 0 ? 1 : 2;
  msgrcv(queue, &m, sizeof m.text, mine, 0);
  put(queue, 3 - mine, "your turn");
  return 0;
}
