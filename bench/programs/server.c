// The same as server.ts.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>

int main(int argc, char **argv) {
  struct {
    long mtype;
    char text[64];
  } message;
  const int clients = argc > 1 ? atoi(argv[1]) : 1;
  const int requests = argc > 2 ? atoi(argv[2]) : 5;
  const int queue = msgget(ftok("key", 1), IPC_CREAT | 0600);
  for (int i = 0; i < clients * requests; i++) {
    const ssize_t size = msgrcv(queue, &message, sizeof message.text, 1, 0);
    if (size < 0) return 1;
    char request[64];
    memcpy(request, message.text, sizeof request);
    message.mtype = atol(request);
    const int length = snprintf(message.text, sizeof message.text, "reply to %.*s", (int)size, request);
    if (msgsnd(queue, &message, length, 0) != 0) return 1;
  }
  for (int i = 0; i < clients; i++)
    if (msgrcv(queue, &message, 0, 3, 0) != 0) return 1;
  puts("done");
  return msgctl(queue, IPC_RMID, NULL);
}
