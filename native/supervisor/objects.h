// The kernel's objects of a run, seen from the engine's own thread in the run's IPC namespace.
#pragma once
#include <memory>

#include "plan.h"
#include "shadow.h"
#include "trace.h"

namespace ipclab {

// A shadow of the namespace as it is before the first process, with the scenario's decoys in both.
std::unique_ptr<Shadow> create_objects(const Plan &plan);

// At the end: are exactly those objects left that the shadow says? Throws Fault if not.
void compare_with_kernel(const Shadow &shadow);

QueueStatus status_of(const msqid_ds &stat);

// All objects of the namespace, and the messages in its queues, which are empty afterwards.
Left take_what_is_left();

}  // namespace ipclab
