// A semaphore set and a segment shared by two processes.
#include "guest.h"
int main(void) {
  int set = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600), segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
  int *shared = shmat(segment, NULL, 0);
  if (fork() == 0) {
    struct sembuf take = {0, -1, SEM_UNDO};
    semop(set, &take, 1);
    printf("%d\n", *shared);
    return 0;
  }
  *shared = 5;
  struct sembuf give = {0, 1, 0};
  semop(set, &give, 1);
  wait(NULL);
  shmdt(shared);
  shmctl(segment, IPC_RMID, NULL);
  semctl(set, 0, IPC_RMID);
  return 0;
}
