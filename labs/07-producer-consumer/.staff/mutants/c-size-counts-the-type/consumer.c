#include <stdio.h>

#include "messages.h"

/* Consumes items until it gets a pill. */
int consume(struct queues queues) {
  for (;;) {
    struct item item;
    if (msgrcv(queues.items, &item, sizeof item, -PILL, 0) < 0) {
      perror("consumer: msgrcv");
      return 1;
    }
    if (item.mtype == PILL) return 0;
    printf("item %d of producer %d\n", item.info.number, item.info.producer);
    /* Out, before it is acknowledged: what is still in the buffer dies with us. */
    fflush(stdout);
    struct reply reply = {item.info.pid, item.info.number};
    if (msgsnd(queues.replies, &reply, sizeof reply.number, 0) != 0) {
      perror("consumer: msgsnd");
      return 1;
    }
  }
}
