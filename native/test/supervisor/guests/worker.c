// Computes for so many milliseconds of its own time and makes no call; or again and again, each time with two calls
// after it.
//   worker MS [TIMES]
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <time.h>

static double used_ms(void) {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec * 1e3 + used.tv_nsec / 1e6;
}

static void compute(double ms) {
  const double due = used_ms() + ms;
  while (used_ms() < due) {
  }
}

int main(int count, char **args) {
  const double ms = count > 1 ? atof(args[1]) : 0;
  const int times = count > 2 ? atoi(args[2]) : 0;
  if (times == 0) {
    compute(ms);
    return 0;
  }
  const int queue = msgget(IPC_PRIVATE, 0600);
  struct {
    long mtype;
    char text[1];
  } message = {1, "x"};
  for (int i = 0; i < times; i++) {
    compute(ms);
    if (msgsnd(queue, &message, 1, 0) != 0 || msgrcv(queue, &message, 1, 0, 0) != 1) return 1;
  }
  return msgctl(queue, IPC_RMID, NULL) == 0 ? 0 : 1;
}
