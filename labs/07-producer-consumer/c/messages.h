/* What main, producers and consumers agree on. Complete: there is nothing for you to do in this file. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/types.h>

/* Types in the queue of items. Both may be received by -PILL. */
enum { ITEM = 1, PILL = 2 };

/* The number in a reply by which main asks a producer to send again what was not acknowledged. */
enum { AGAIN = 0 };

struct item {
  long mtype; /* ITEM */
  struct item_info {
    int pid;      /* of the producer: the type of the acknowledgement */
    int producer; /* which producer: 1, 2, 3 ... */
    int number;   /* which of its items: 1, 2, 3 ... */
  } info;
};

/* In the queue of items, too. Only its type counts: it is sent with 0 bytes. */
struct pill {
  long mtype; /* PILL */
};

struct reply {
  long mtype; /* pid of the producer that it is for */
  int number; /* of the item that was consumed, or AGAIN */
};

/* The two queues, whose ids the children inherit. */
struct queues {
  int items;
  int replies;
};

/* Both return the exit status of the child. */
int produce(struct queues queues, int producer, int count);
int consume(struct queues queues);

#endif
