// The same as client.ts.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <unistd.h>

int main(int argc, char **argv) {
  struct {
    long mtype;
    char text[64];
  } message;
  const int requests = argc > 1 ? atoi(argv[1]) : 5;
  const int queue = msgget(ftok("key", 1), IPC_CREAT | 0600);
  // As console.log does to a pipe: each line at once.
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 0; i < requests; i++) {
    message.mtype = 1;
    const int length = snprintf(message.text, sizeof message.text, "%d request %d", (int)getpid(), i);
    if (msgsnd(queue, &message, length, 0) != 0) return 1;
    const ssize_t size = msgrcv(queue, &message, sizeof message.text, getpid(), 0);
    if (size < 0) return 1;
    printf("%.*s\n", (int)size, message.text);
  }
  message.mtype = 3;
  return msgsnd(queue, &message, 0, 0) == 0 ? 0 : 1;
}
