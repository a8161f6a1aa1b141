#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "board.h"

/* The objects are gone when the server stops: that is our end, too. */
static _Noreturn void stop(struct shared shared, const char *what) {
  int status = errno == EIDRM || errno == EINVAL ? 0 : 1;
  if (status) perror(what);
  shmdt(shared.board);
  _exit(status);
}

_Noreturn void work(struct shared shared) {
  for (;;) {
    struct message message;
    if (msgrcv(shared.queue, &message, sizeof message.slot, JOB, 0) < 0) stop(shared, "worker: msgrcv");
    struct slot *slot = &shared.board->slots[message.slot];

    if (lock(shared.semaphores) != 0) stop(shared, "worker: lock");
    /* It may have been announced twice: then another one is at it. */
    int is_ours = slot->state == WAITING;
    if (is_ours) {
      slot->worker = getpid();
      slot->state = AT_WORK;
    }
    if (unlock(shared.semaphores) != 0) stop(shared, "worker: unlock");
    if (!is_ours) continue;

    slot->state = DONE;
    for (char *letter = slot->text; *letter; letter++) *letter = (char)toupper((unsigned char)*letter);

    if (lock(shared.semaphores) != 0) stop(shared, "worker: lock");
    shared.board->done++;
    struct message reply = {slot->client, message.slot};
    if (unlock(shared.semaphores) != 0) stop(shared, "worker: unlock");
    if (msgsnd(shared.queue, &reply, sizeof reply.slot, 0) != 0) stop(shared, "worker: msgsnd");
  }
}
