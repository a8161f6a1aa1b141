#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "messages.h"

/* client urgent|normal TEXT...: sends each text to the server and prints the replies. So far it does not wait for any. */
int main(int argc, char *argv[]) {
  /* TODO: without a server there is no queue: exit with 2. */
  int queue = msgget(ftok(KEY_FILE, KEY_PROJECT), 0);
  for (int i = 2; i < argc; i++) {
    /* TODO: the type of an urgent request. */
    struct request request = {NORMAL, {getpid(), i - 2, ""}};
    strncpy(request.info.text, argv[i], TEXT_BYTES - 1);
    if (msgsnd(queue, &request, sizeof request.info, 0) == -1) {
      perror("client: msgsnd");
      /* TODO: when the server removes the queue meanwhile: exit with 1. */
      return 3;
    }
    /* TODO: receive the reply to this client, and print its text. */
  }
  return 0;
}
