#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"

static struct board *board;

static _Noreturn void fail(const char *what) {
  int status = errno == ENOENT ? 2 : 1;
  if (errno == ENOENT)
    fprintf(stderr, "client: no server is running\n");
  else if (errno == EIDRM || errno == EINVAL)
    fprintf(stderr, "client: the server has stopped\n");
  else
    perror(what);
  if (board != NULL) shmdt(board);
  exit(status);
}

static int count_room(int semaphores, short by) {
  /* Without SEM_UNDO: the slot of a client that dies does not become free. */
  struct sembuf operation = {ROOM, by, 0};
  return semop(semaphores, &operation, 1);
}

int main(int argc, char **argv) {
  int queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT), 0);
  if (queue < 0) fail("client: msgget");
  int semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 0, 0);
  if (semaphores < 0) fail("client: semget");
  int segment = shmget(ftok(KEY_FILE, BOARD_PROJECT), 0, 0);
  if (segment < 0) fail("client: shmget");
  void *address = shmat(segment, NULL, 0);
  if (address == (void *)-1) fail("client: shmat");
  board = address;

  if (count_room(semaphores, -1) != 0) fail("client: semop");
  if (lock(semaphores) != 0) fail("client: lock");
  int mine = 0;
  while (board->slots[mine].state != FREE) mine++;
  struct slot *slot = &board->slots[mine];
  slot->client = getpid();
  slot->state = HELD;
  if (unlock(semaphores) != 0) fail("client: unlock");

  for (int each = 1; each < argc; each++) {
    if (lock(semaphores) != 0) fail("client: lock");
    memcpy(slot->text, argv[each], strlen(argv[each]));
    slot->state = WAITING;
    if (unlock(semaphores) != 0) fail("client: unlock");
    struct message message = {JOB, mine};
    if (msgsnd(queue, &message, sizeof message.slot, 0) != 0) fail("client: msgsnd");

    /* A reply may come twice. Only the board tells whether the job is done. */
    for (int is_done = 0; !is_done;) {
      if (msgrcv(queue, &message, sizeof message.slot, getpid(), 0) < 0) fail("client: msgrcv");
      if (lock(semaphores) != 0) fail("client: lock");
      is_done = slot->state == DONE;
      if (is_done) {
        puts(slot->text);
        slot->state = HELD;
      }
      if (unlock(semaphores) != 0) fail("client: unlock");
    }
  }

  if (lock(semaphores) != 0) fail("client: lock");
  memset(slot, 0, sizeof *slot);
  if (unlock(semaphores) != 0) fail("client: unlock");
  if (count_room(semaphores, 1) != 0) fail("client: semop");
  shmdt(board);
  return 0;
}
