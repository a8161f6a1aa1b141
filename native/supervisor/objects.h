// The kernel's objects of a run, seen from the engine's own thread in the run's IPC namespace.
#pragma once
#include <memory>

#include "plan.h"
#include "shadow.h"

namespace ipclab {

// A shadow of the namespace as it is before the first process, with the scenario's decoys in both.
std::unique_ptr<Shadow> create_objects(const Plan &plan);

// At the end: are exactly those objects left that the shadow says? Throws Fault if not.
void compare_with_kernel(const Shadow &shadow);

}  // namespace ipclab
