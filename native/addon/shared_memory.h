#pragma once

#include <napi.h>

namespace ipclab {

// shmget, shmat, shmdt, shmctl*
void define_shared_memory(Napi::Env env, Napi::Object exports);

}  // namespace ipclab
