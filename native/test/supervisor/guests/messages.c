// fork, send, receive by type, remove, wait.
#include "guest.h"
int main(void) {
  int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  pid_t child = fork();
  if (child == 0) {
    struct message m;
    ssize_t size = msgrcv(queue, &m, sizeof m.text, 42, 0);
    printf("got %.*s\n", (int)size, m.text);
    return 3;
  }
  put(queue, 7, "other");
  put(queue, 42, "mine");
  waitpid(child, NULL, 0);
  msgctl(queue, IPC_RMID, NULL);
  return 0;
}
