#include "board.h"

static int operate(int semaphores, short by) {
  struct sembuf operation = {LOCK, by, 0};
  return semop(semaphores, &operation, 1);
}

int lock(int semaphores) {
  return operate(semaphores, -1);
}

int unlock(int semaphores) {
  return operate(semaphores, 1);
}
