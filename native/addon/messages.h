#pragma once

#include <napi.h>

namespace ipclab {

// msgget, msgsnd, msgrcv, msgrcvInto, msgctl*, ftok
void define_messages(Napi::Env env, Napi::Object exports);

}  // namespace ipclab
