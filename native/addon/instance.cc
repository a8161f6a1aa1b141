#include "addon/instance.h"

#include "addon/promises.h"
#include "addon/signals.h"

namespace ipclab {

static const volatile int kNever = 0;

Instance::Instance(napi_env env)
    : env(env), message(new char[sizeof(long) + kMessageBytes]), operations(std::make_unique<Operations>()) {
  napi_get_uv_event_loop(env, &loop);
  main_thread = loop == uv_default_loop();
  interrupted = main_thread ? signals_recorded() : &kNever;
}

Instance::~Instance() = default;

Instance &Instance::of(napi_env env) {
  void *data = nullptr;
  napi_get_instance_data(env, &data);
  return *static_cast<Instance *>(data);
}

void call_from_loop(napi_env env, napi_ref function) {
  Napi::HandleScope scope(env);
  napi_value callee, global, result;
  if (napi_get_reference_value(env, function, &callee) != napi_ok || napi_get_global(env, &global) != napi_ok) return;
  if (napi_make_callback(env, nullptr, global, callee, 0, nullptr, &result) == napi_pending_exception) {
    napi_value exception;
    napi_get_and_clear_last_exception(env, &exception);
    napi_fatal_exception(env, exception);
  }
}

napi_value to_number(napi_env env, long value) {
  napi_value result = nullptr;
  napi_create_int64(env, value, &result);
  return result;
}

}  // namespace ipclab
