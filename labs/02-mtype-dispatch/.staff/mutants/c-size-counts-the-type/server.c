#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "messages.h"

static volatile int queue = -1;

/* msgctl is a bare system call, and _exit is on the list of signal-safety(7). */
static void stop(int signal) {
  (void)signal;
  if (queue != -1) msgctl(queue, IPC_RMID, NULL);
  _exit(0);
}

static int fail(const char *what) {
  perror(what);
  return 3;
}

int main(void) {
  /* A handler must know the queue that it has to remove: SIGTERM waits until the id is in the variable. */
  sigset_t signals, previous;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, &previous);
  struct sigaction action = {.sa_handler = stop};
  sigaction(SIGTERM, &action, NULL);
  queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0600);
  if (queue == -1 && errno == EEXIST) {
    fputs("server: another server is running\n", stderr);
    return 1;
  }
  if (queue == -1) return fail("server: msgget");
  sigprocmask(SIG_SETMASK, &previous, NULL);

  for (;;) {
    struct request request;
    struct reply reply = {0};
    if (msgrcv(queue, &request, sizeof request, -NORMAL, 0) == -1) return fail("server: msgrcv");
    reply.mtype = request.info.client;
    reply.info.sequence = request.info.sequence;
    for (int i = 0; i < TEXT_BYTES - 1 && request.info.text[i] != '\0'; i++)
      reply.info.text[i] = (char)toupper((unsigned char)request.info.text[i]);
    if (msgsnd(queue, &reply, sizeof reply, 0) == -1) return fail("server: msgsnd");
  }
}
