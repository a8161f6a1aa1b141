#include <stdio.h>

#include "messages.h"

/* Answers requests until SIGTERM. So far it takes normal requests, and answers none. */
int main(void) {
  /* TODO: a second server must not share the queue of the first. */
  int queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | 0600);
  if (queue == -1) {
    perror("server: msgget");
    return 1;
  }
  /* TODO: SIGTERM: remove the queue and exit with 0. */
  for (;;) {
    struct request request;
    /* TODO: urgent requests too, and before normal ones. */
    if (msgrcv(queue, &request, sizeof request.info, NORMAL, 0) == -1) {
      perror("server: msgrcv");
      return 1;
    }
    /* TODO: send the text in upper case to the client that asked. */
  }
}
