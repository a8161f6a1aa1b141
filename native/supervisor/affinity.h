// On which processors threads run.
#pragma once
#include <sys/types.h>

namespace ipclab {

// This thread, and what it forks, on one processor: handing the turn from tracee to tracer and back is then a plain
// switch, not a wake-up of another processor (a quarter of the cost). The number is taken modulo those allowed.
void pin_to(int cpu);

// That thread, and what it forks, on all processors that this process might use before it was pinned.
void unpin(pid_t tid);

}  // namespace ipclab
