#include <stdio.h>
#include <unistd.h>

#include "messages.h"

/* Sends the items 1 ... count. So far it does not care what becomes of them. */
int produce(struct queues queues, int producer, int count) {
  for (int number = 1; number <= count; number++) {
    struct item item = {ITEM, {getpid(), producer, number}};
    if (msgsnd(queues.items, &item, sizeof item.info, 0) != 0) {
      perror("producer: msgsnd");
      return 1;
    }
    /* TODO: an item is done when its reply has come. What if main asks for it AGAIN? */
  }
  return 0;
}
