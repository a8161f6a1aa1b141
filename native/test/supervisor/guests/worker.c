// Computes for so many milliseconds of its own time, and makes no call.
//   worker MS
#include <stdlib.h>
#include <time.h>

int main(int count, char **args) {
  const double due = count > 1 ? atof(args[1]) : 0;
  struct timespec used;
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  while (used.tv_sec * 1e3 + used.tv_nsec / 1e6 < due);
  return 0;
}
