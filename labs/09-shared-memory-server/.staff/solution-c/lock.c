#include "board.h"

static int operate(int semaphores, short by) {
  /* Whoever dies with the lock gives it back. */
  struct sembuf operation = {LOCK, by, SEM_UNDO};
  return semop(semaphores, &operation, 1);
}

int lock(int semaphores) {
  return operate(semaphores, -1);
}

int unlock(int semaphores) {
  return operate(semaphores, 1);
}
