#pragma once

#include <napi.h>

namespace ipclab {

// fork, prepareFork, onForkedExit
void define_fork(Napi::Env env, Napi::Object exports);

}  // namespace ipclab
