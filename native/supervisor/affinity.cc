#include "affinity.h"

#include <sched.h>

namespace ipclab {
namespace {

const cpu_set_t &allowed_processors() {
  static const cpu_set_t allowed = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    return set;
  }();
  return allowed;
}

}  // namespace

void pin_to(int cpu) {
  const cpu_set_t &allowed = allowed_processors();
  const int count = CPU_COUNT(&allowed);
  if (count == 0) return;
  int left = cpu % count;
  for (int each = 0; each < CPU_SETSIZE; each++) {
    if (!CPU_ISSET(each, &allowed) || left-- > 0) continue;
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(each, &one);
    sched_setaffinity(0, sizeof one, &one);
    return;
  }
}

void unpin(pid_t tid) {
  const cpu_set_t &allowed = allowed_processors();
  if (CPU_COUNT(&allowed) > 0) sched_setaffinity(tid, sizeof allowed, &allowed);
}

}  // namespace ipclab
