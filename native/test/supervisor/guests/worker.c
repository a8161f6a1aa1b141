// Computes for so many milliseconds of its own time and makes no call; or so many thousand turns, again and again, each
// time with two calls after it. (For a fraction of a millisecond the clock of its own time is too coarse.)
//   worker MS
//   worker TURNS TIMES
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

static int compute_for(double ms) {
  struct timespec used;
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  while (used.tv_sec * 1e3 + used.tv_nsec / 1e6 < ms);
  return 0;
}

static int compute_and_call(long turns, int times) {
  const int queue = msgget(IPC_PRIVATE, 0600);
  struct {
    long mtype;
    char text[1];
  } message = {1, "x"};
  for (int i = 0; i < times; i++) {
    for (volatile long turn = 0; turn < turns; turn++) {
    }
    if (msgsnd(queue, &message, 1, 0) != 0 || msgrcv(queue, &message, 1, 0, 0) != 1) return 1;
  }
  return msgctl(queue, IPC_RMID, NULL) == 0 ? 0 : 1;
}

int main(int count, char **args) {
  if (count > 2) return compute_and_call(atol(args[1]) * 1000, atoi(args[2]));
  return compute_for(count > 1 ? atof(args[1]) : 0);
}
