#include <napi.h>

#include "addon/fork.h"
#include "addon/instance.h"
#include "addon/messages.h"
#include "addon/private_signal.h"
#include "addon/processes.h"
#include "addon/promises.h"
#include "addon/semaphores.h"
#include "addon/shared_memory.h"
#include "addon/signals.h"

namespace ipclab {
namespace {

// attach(exchange: ArrayBuffer): arguments and results, see instance.h
Napi::Value Attach(const Napi::CallbackInfo &info) {
  auto buffer = info[0].As<Napi::ArrayBuffer>();
  if (buffer.ByteLength() < sizeof(Exchange)) throw Napi::RangeError::New(info.Env(), "exchange is too small");
  Instance::of(info.Env()).exchange = static_cast<Exchange *>(buffer.Data());
  return info.Env().Undefined();
}

// useSlab(slab: ArrayBuffer): where msgrcv writes from now on. JavaScript keeps it alive until the next one.
Napi::Value UseSlab(const Napi::CallbackInfo &info) {
  auto buffer = info[0].As<Napi::ArrayBuffer>();
  Instance &instance = Instance::of(info.Env());
  instance.slab = static_cast<char *>(buffer.Data());
  instance.slab_bytes = buffer.ByteLength();
  return info.Env().Undefined();
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  install_private_signal();
  auto *instance = new Instance(env);
  env.SetInstanceData(instance);
  exports.Set("attach", Napi::Function::New(env, Attach));
  exports.Set("useSlab", Napi::Function::New(env, UseSlab));
  exports.Set("isMainThread", Napi::Boolean::New(env, instance->main_thread));
  define_messages(env, exports);
  define_shared_memory(env, exports);
  define_semaphores(env, exports);
  define_processes(env, exports);
  define_signals(env, exports);
  define_fork(env, exports);
  define_promises(env, exports);
  return exports;
}

NODE_API_MODULE(addon, Init)

}  // namespace
}  // namespace ipclab
