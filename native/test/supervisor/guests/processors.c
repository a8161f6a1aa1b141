#define _GNU_SOURCE
// On how many processors may it run?
#include <sched.h>

#include "guest.h"
int main(void) {
  cpu_set_t set;
  sched_getaffinity(0, sizeof set, &set);
  printf("%d\n", CPU_COUNT(&set));
  return 0;
}
