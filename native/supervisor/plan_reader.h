// From a JavaScript RunPlan (native/src/plan.ts) to a Plan.
#pragma once
#include <napi.h>

#include "plan.h"

namespace ipclab {

Plan read_plan(const Napi::Object &plan);

}  // namespace ipclab
