#include "board.h"

/* Waits until nobody uses the board, and takes it. */
int lock(int semaphores) {
  /* TODO: semop. What if whoever has the lock is killed? */
  (void)semaphores;
  return 0;
}

/* Lets the next one use the board. */
int unlock(int semaphores) {
  /* TODO */
  (void)semaphores;
  return 0;
}
