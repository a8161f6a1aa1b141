// From a finished run to the JSON of a Trace (native/src/trace.ts), or of a FreeHistory (native/src/history.ts).
#pragma once
#include <string>

#include "run.h"

namespace ipclab {

std::string write_trace(const Run &run);
std::string write_history(const Run &run);

}  // namespace ipclab
