#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "messages.h"

static void stopped(const char *what) {
  if (errno == EIDRM || errno == EINVAL) {
    fputs("client: the server has stopped\n", stderr);
    exit(1);
  }
  perror(what);
  exit(3);
}

/* client urgent|normal TEXT... */
int main(int argc, char *argv[]) {
  if (argc < 2) {
    fputs("usage: client urgent|normal TEXT...\n", stderr);
    return 3;
  }
  long mtype = strcmp(argv[1], "urgent") == 0 ? URGENT : NORMAL;
  int queue = msgget(ftok(KEY_FILE, KEY_PROJECT), 0);
  if (queue == -1 && errno == ENOENT) {
    fputs("client: no server is running\n", stderr);
    return 2;
  }
  if (queue == -1) stopped("client: msgget");
  for (int i = 2; i < argc; i++) {
    struct request request = {mtype, {getpid(), i - 2, ""}};
    strncpy(request.info.text, argv[i], TEXT_BYTES - 1);
    if (msgsnd(queue, &request, sizeof request, 0) == -1) stopped("client: msgsnd");
    struct reply reply;
    if (msgrcv(queue, &reply, sizeof reply, getpid(), 0) == -1) stopped("client: msgrcv");
    puts(reply.info.text);
  }
  return 0;
}
