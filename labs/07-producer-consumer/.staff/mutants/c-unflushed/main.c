#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "messages.h"

static struct queues queues;

static void die(const char *what) {
  perror(what);
  exit(2);
}

static int make_queue(void) {
  int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  if (id < 0) die("main: msgget");
  return id;
}

static pid_t start_producer(int producer, int count) {
  pid_t pid = fork();
  if (pid == 0) _exit(produce(queues, producer, count));
  if (pid < 0) die("main: fork");
  return pid;
}

static void start_consumer(void) {
  pid_t pid = fork();
  if (pid == 0) exit(consume(queues));
  if (pid < 0) die("main: fork");
}

static void send_pill(void) {
  struct pill pill = {PILL};
  if (msgsnd(queues.items, &pill, 0, 0) != 0) die("main: msgsnd");
}

static void ask_again(pid_t producer) {
  struct reply reply = {producer, AGAIN};
  if (msgsnd(queues.replies, &reply, sizeof reply.number, 0) != 0) die("main: msgsnd");
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  int producers = atoi(argv[1]), consumers = atoi(argv[2]), count = atoi(argv[3]);
  queues.items = make_queue();
  queues.replies = make_queue();

  /* Pids of the producers; 0 of those that have ended. */
  pid_t *pids = calloc(producers + 1, sizeof *pids);
  if (pids == NULL) die("main: calloc");
  for (int each = 0; each < producers; each++) pids[each] = start_producer(each + 1, count);
  for (int each = 0; each < consumers; each++) start_consumer();

  int left = producers;
  bool has_lost_producer = false, has_lost_consumer = false;
  while (left + consumers > 0) {
    int status;
    pid_t pid = wait(&status);
    if (pid < 0) die("main: wait");
    int which = 0;
    while (which < producers && pids[which] != pid) which++;
    if (which < producers) {
      pids[which] = 0;
      has_lost_producer |= WIFSIGNALED(status);
      if (--left == 0)
        for (int each = 0; each < consumers; each++) send_pill();
    } else if (!WIFSIGNALED(status)) {
      consumers--;
    } else {
      has_lost_consumer = true;
      start_consumer();
      for (int each = 0; each < producers; each++)
        if (pids[each] != 0) ask_again(pids[each]);
      /* Nobody knows whether the dead one had taken its pill. */
      if (left == 0) send_pill();
    }
  }

  msgctl(queues.items, IPC_RMID, NULL);
  msgctl(queues.replies, IPC_RMID, NULL);
  free(pids);
  if (has_lost_consumer) fprintf(stderr, "main: a consumer died; each item was consumed at least once\n");
  if (has_lost_producer) fprintf(stderr, "main: a producer died; not all items were made\n");
  return has_lost_producer ? 1 : 0;
}
