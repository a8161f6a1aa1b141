// N round trips of 64 bytes through a queue; prints how many a second.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 100000;
  struct {
    long mtype;
    char text[64];
  } message = {1, ""};
  int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  struct timespec began, ended;
  clock_gettime(CLOCK_MONOTONIC, &began);
  for (long i = 0; i < rounds; i++) {
    message.mtype = 1;
    if (msgsnd(queue, &message, 64, 0) != 0 || msgrcv(queue, &message, 64, 1, 0) != 64) return 1;
  }
  clock_gettime(CLOCK_MONOTONIC, &ended);
  msgctl(queue, IPC_RMID, NULL);
  printf("%.0f\n", (double)rounds / ((double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9));
  return 0;
}
