#pragma once

#include <napi.h>

namespace ipclab {

// semget, semop, semctl*
void define_semaphores(Napi::Env env, Napi::Object exports);

}  // namespace ipclab
