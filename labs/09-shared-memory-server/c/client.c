#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* client TEXT...: so far it believes that slot 0 is its own, and that the result is there at once. */
int main(int argc, char **argv) {
  /* TODO: what if there is no server? What if it stops while we use the board? */
  int queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT), 0);
  if (queue < 0) die("client: msgget");
  int semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 0, 0);
  if (semaphores < 0) die("client: semget");
  struct board *board = shmat(shmget(ftok(KEY_FILE, BOARD_PROJECT), 0, 0), NULL, 0);
  if (board == (void *)-1) die("client: shmat");
  /* TODO: register: wait until there is room, and take a free slot, under the lock. */
  struct slot *slot = &board->slots[0];
  for (int each = 1; each < argc; each++) {
    slot->state = WAITING;
    slot->client = getpid();
    strncpy(slot->text, argv[each], TEXT_BYTES - 1);
    struct message message = {JOB, 0};
    if (msgsnd(queue, &message, sizeof message.slot, 0) != 0) die("client: msgsnd");
    /* TODO: wait for the reply. Does it always mean that the job is done? */
    puts(slot->text);
  }
  /* TODO: give the slot back, and detach. */
  return 0;
}
