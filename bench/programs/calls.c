// Sends and receives a message of 64 bytes so many times, and prints what a call took, in ns.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e9 + time.tv_nsec;
}

int main(int argc, char **argv) {
  struct {
    long mtype;
    char text[64];
  } message = {1, "text"};
  const int rounds = argc > 1 ? atoi(argv[1]) : 1000;
  const int queue = msgget(IPC_PRIVATE, 0600);
  const double began = now();
  for (int i = 0; i < rounds; i++) {
    if (msgsnd(queue, &message, sizeof message.text, 0) != 0) return 1;
    if (msgrcv(queue, &message, sizeof message.text, 1, 0) != sizeof message.text) return 1;
  }
  printf("%.0f\n", (now() - began) / (2.0 * rounds));
  return msgctl(queue, IPC_RMID, NULL);
}
