#include <stdio.h>
#include <unistd.h>

#include "messages.h"

static int fail(const char *what) {
  perror(what);
  return 1;
}

/* Sends its items one at a time, each until it is acknowledged. */
int produce(struct queues queues, int producer, int count) {
  for (int number = 1; number <= count; number++) {
    struct item item = {ITEM, {getpid(), producer, number}};
    struct reply reply;
    if (msgsnd(queues.items, &item, sizeof item, 0) != 0) return fail("producer: msgsnd");
    do {
      if (msgrcv(queues.replies, &reply, sizeof reply.number, getpid(), 0) < 0) return fail("producer: msgrcv");
      if (reply.number == AGAIN && msgsnd(queues.items, &item, sizeof item, 0) != 0)
        return fail("producer: msgsnd");
      /* A number below ours acknowledges an item that was sent twice. */
    } while (reply.number != number);
  }
  return 0;
}
