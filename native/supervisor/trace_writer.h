// From a finished run to a JavaScript Trace (native/src/trace.ts), or FreeHistory (native/src/history.ts).
#pragma once
#include <napi.h>

#include "run.h"

namespace ipclab {

Napi::Object write_trace(Napi::Env env, const Run &run);
Napi::Object write_history(Napi::Env env, const Run &run);

}  // namespace ipclab
