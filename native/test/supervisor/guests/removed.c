// A receiver that sleeps while its queue is removed, and then asks once more.
#include "guest.h"
int main(void) {
  int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  if (fork() == 0) {
    struct message m;
    msgrcv(queue, &m, sizeof m.text, 0, 0);
    int first = errno;
    msgrcv(queue, &m, sizeof m.text, 0, 0);
    printf("%s then %s\n", strerrorname_np(first), strerrorname_np(errno));
    return 0;
  }
  struct timespec moment = {0, 1000};
  nanosleep(&moment, NULL);
  msgctl(queue, IPC_RMID, NULL);
  wait(NULL);
  return 0;
}
