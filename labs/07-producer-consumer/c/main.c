#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "messages.h"

static struct queues queues;

/* Answers the id of a new queue. */
static int make_queue(void) {
  int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  if (id < 0) {
    perror("main: msgget");
    exit(2);
  }
  return id;
}

/* Forks a producer. Answers its pid. */
static pid_t start_producer(int producer, int count) {
  pid_t pid = fork();
  if (pid == 0) _exit(produce(queues, producer, count));
  return pid;
}

/* Forks a consumer. Answers its pid. */
static pid_t start_consumer(void) {
  pid_t pid = fork();
  if (pid == 0) _exit(consume(queues));
  return pid;
}

/* main PRODUCERS CONSUMERS ITEMS: so far it starts the others and leaves them alone. */
int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int producers = atoi(argv[1]), consumers = atoi(argv[2]), count = atoi(argv[3]);
  queues.items = make_queue();
  queues.replies = make_queue();
  for (int producer = 1; producer <= producers; producer++) start_producer(producer, count);
  for (int consumer = 0; consumer < consumers; consumer++) start_consumer();
  /* TODO: wait for the children. What is to be done when the last producer has ended? When a child has died? */
  /* TODO: remove the queues. */
  return 0;
}
