#include <stdio.h>

#include "messages.h"

/* Consumes items. So far it never stops. */
int consume(struct queues queues) {
  /* TODO: until a pill comes. */
  for (;;) {
    struct item item;
    if (msgrcv(queues.items, &item, sizeof item.info, ITEM, 0) < 0) {
      perror("consumer: msgrcv");
      return 1;
    }
    printf("item %d of producer %d\n", item.info.number, item.info.producer);
    fflush(stdout);
    /* TODO: tell the producer that its item is consumed. */
  }
}
