#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "board.h"

static struct shared shared;

static void die(const char *what) {
  perror(what);
  exit(2);
}

/* Forks a worker. Answers its pid. */
static pid_t start_worker(void) {
  pid_t pid = fork();
  if (pid < 0) die("server: fork");
  if (pid > 0) return pid;
  /* TODO: what has the child inherited that it must not have? */
  work(shared);
}

/* server WORKERS: so far it starts them, and then sleeps. */
int main(int argc, char **argv) {
  if (argc != 2) return 2;
  /* TODO: SIGTERM and SIGCHLD may come at any moment from here on. */
  /* TODO: what if there is a server already? In which order should these three be made, so that a client finds all of
     them, or none? */
  shared.queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT), IPC_CREAT | 0600);
  if (shared.queue < 0) die("server: msgget");
  shared.semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 2, IPC_CREAT | 0600);
  if (shared.semaphores < 0) die("server: semget");
  int segment = shmget(ftok(KEY_FILE, BOARD_PROJECT), sizeof(struct board), IPC_CREAT | 0600);
  if (segment < 0) die("server: shmget");
  shared.board = shmat(segment, NULL, 0);
  if (shared.board == (void *)-1) die("server: shmat");
  /* TODO: the first values of the semaphores. */
  for (int count = atoi(argv[1]); count > 0; count--) start_worker();
  /* TODO: wait for what comes. Has a worker died? Look at the board, mend it, and start another one. Is it SIGTERM? Stop
     the workers, wait for them, print how many jobs were done, and remove everything. */
  pause();
  return 0;
}
