#include <ctype.h>
#include <stdio.h>
#include <unistd.h>

#include "board.h"

/* Does one job after the other. So far it thinks that it is alone. */
_Noreturn void work(struct shared shared) {
  for (;;) {
    struct message message;
    if (msgrcv(shared.queue, &message, sizeof message.slot, JOB, 0) < 0) {
      perror("worker: msgrcv");
      _exit(1);
    }
    struct slot *slot = &shared.board->slots[message.slot];
    /* TODO: take the lock. Is this slot still waiting for a worker? Then say that you are at it, and give the lock back. */
    for (char *letter = slot->text; *letter; letter++) *letter = (char)toupper((unsigned char)*letter);
    /* TODO: under the lock, too. And count the job. */
    slot->state = DONE;
    /* TODO: reply to the client. */
  }
}
