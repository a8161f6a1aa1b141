// Blocks in semop while a child ends: SIGCHLD is ignored by default, so the call must not be interrupted.
#include "guest.h"
int main(void) {
  int set = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600);
  if (fork() == 0) return 0;
  if (fork() == 0) {
    struct sembuf give = {0, 1, 0};
    semop(set, &give, 1);
    return 0;
  }
  struct sembuf take = {0, -1, 0};
  int result = semop(set, &take, 1);
  printf("%s\n", result == 0 ? "taken" : strerrorname_np(errno));
  semctl(set, 0, IPC_RMID);
  while (wait(NULL) > 0) {
  }
  return 0;
}
