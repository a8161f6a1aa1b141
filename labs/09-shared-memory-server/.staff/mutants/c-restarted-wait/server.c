#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "board.h"

static struct shared shared;
static int segment;
static sigset_t previous;
static volatile sig_atomic_t is_stopped;

static void on_term(int signal) {
  (void)signal;
  is_stopped = 1;
}

static void on_child(int signal) {
  (void)signal;
}

static void die(const char *what) {
  perror(what);
  exit(2);
}

static void handle(int signal, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  if (sigaction(signal, &action, NULL) != 0) die("server: sigaction");
}

/* Blocked but while we wait: so no signal comes between a look and the wait. */
static void block_signals(void) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGCHLD);
  if (sigprocmask(SIG_BLOCK, &signals, &previous) != 0) die("server: sigprocmask");
  handle(SIGTERM, on_term);
  handle(SIGCHLD, on_child);
}

/* Makes segment, semaphores, and the queue last: who finds the queue finds all the rest. */
static void make_objects(void) {
  int flags = IPC_CREAT | IPC_EXCL | 0600;
  segment = shmget(ftok(KEY_FILE, BOARD_PROJECT), sizeof(struct board), flags);
  if (segment < 0 && errno == EEXIST) {
    fprintf(stderr, "server: another server is running\n");
    exit(1);
  }
  if (segment < 0) die("server: shmget");
  shared.board = shmat(segment, NULL, 0);
  if (shared.board == (void *)-1) die("server: shmat");
  shared.semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 2, flags);
  if (shared.semaphores < 0) die("server: semget");
  unsigned short values[] = {1, SLOTS};
  if (semctl(shared.semaphores, 0, SETALL, (union semun){.array = values}) != 0) die("server: semctl");
  shared.queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT), flags);
  if (shared.queue < 0) die("server: msgget");
}

static void start_worker(void) {
  pid_t pid = fork();
  if (pid < 0) die("server: fork");
  if (pid > 0) return;
  handle(SIGTERM, SIG_DFL);
  handle(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_SETMASK, &previous, NULL);
  work(shared);
}

static void send_slot(long mtype, int slot) {
  struct message message = {mtype, slot};
  if (msgsnd(shared.queue, &message, sizeof message.slot, 0) != 0) die("server: msgsnd");
}

/* Nobody knows how far the dead one had come, but the board does. */
static void recover(pid_t dead) {
  if (lock(shared.semaphores) != 0) die("server: lock");
  for (int each = 0; each < SLOTS; each++) {
    struct slot *slot = &shared.board->slots[each];
    if (slot->state == AT_WORK && slot->worker == dead) slot->state = WAITING;
    /* Those that waited already are announced twice, perhaps; the dead one may have taken the message, and no more. */
    if (slot->state == WAITING) send_slot(JOB, each);
    if (slot->state == DONE && slot->worker == dead) send_slot(slot->client, each);
  }
  if (unlock(shared.semaphores) != 0) die("server: unlock");
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  block_signals();
  make_objects();
  for (int count = atoi(argv[1]); count > 0; count--) start_worker();

  sigprocmask(SIG_SETMASK, &previous, NULL);
  while (!is_stopped) {
    pid_t pid = wait(NULL);
    if (pid < 0) continue;
    recover(pid);
    start_worker();
  }

  /* The workers, and the clients, find out by EIDRM. */
  msgctl(shared.queue, IPC_RMID, NULL);
  semctl(shared.semaphores, 0, IPC_RMID);
  while (wait(NULL) > 0) continue;
  printf("%d jobs done\n", shared.board->done);
  shmdt(shared.board);
  shmctl(segment, IPC_RMID, NULL);
  return 0;
}
