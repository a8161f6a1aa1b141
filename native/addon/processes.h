#pragma once

#include <napi.h>

namespace ipclab {

// waitpid, exitNow, getpid, getppid, kill, raise, describeErrno
void define_processes(Napi::Env env, Napi::Object exports);

}  // namespace ipclab
