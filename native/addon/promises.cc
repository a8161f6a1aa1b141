#include "addon/promises.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "addon/call.h"
#include "addon/instance.h"
#include "addon/private_signal.h"
#include "addon/restartable.h"

// A call that may wait for ever must not take a thread of libuv's pool (four of them would stop all file access), so
// each gets a thread. All signals are blocked there: handlers run on the main thread. The private one makes a cancelled
// call return.

namespace ipclab {
namespace {

constexpr size_t kStackBytes = 128 * 1024;

long run(const Operation &operation) {
  for (;;) {
    const long result = operation.send
                            ? restartable_call(&operation.cancelled, SYS_msgsnd, operation.msqid, operation.room.get(),
                                               operation.size, operation.flags)
                            : restartable_call(&operation.cancelled, SYS_msgrcv, operation.msqid, operation.room.get(),
                                               operation.size, operation.type, operation.flags);
    if (result != -EINTR && result != kAgain) return result;
    if (operation.cancelled) return -ECANCELED;
  }
}

// Neither allocates nor frees: malloc would set up an arena for the thread.
void *thread_main(void *argument) {
  Operation &operation = *static_cast<Operation *>(argument);
  Operations &operations = *operation.owner;
  {
    // From here on a cancellation comes by signal; one that came earlier has set the flag.
    const std::lock_guard lock(operations.mutex);
    operation.thread = gettid();
  }
  operation.result = run(operation);
  const std::lock_guard lock(operations.mutex);
  operation.thread = 0;
  (operations.first_finished ? operations.last_finished->next : operations.first_finished) = &operation;
  operations.last_finished = &operation;
  if (operations.wake_up) uv_async_send(operations.wake_up);
  if (--operations.threads == 0) operations.idle.notify_all();
  return nullptr;
}

void cancel(Operation &operation) {
  operation.cancelled = 1;
  if (operation.thread) interrupt_thread(operation.thread);
}

int start_thread(Operation &operation) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  sigset_t blocked;
  sigfillset(&blocked);
  sigdelset(&blocked, private_signal());
  pthread_attr_setsigmask_np(&attributes, &blocked);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, thread_main, &operation);
  pthread_attr_destroy(&attributes);
  return error;
}

// startOperation(id, send, msqid, type, data | sizeBytes, flags) -> 0 or -errno
Napi::Value StartOperation(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
  const auto id = info[0].As<Napi::Number>().Uint32Value();
  const bool send = info[1].As<Napi::Boolean>().Value();
  int64_t type = 0;
  bool lossless;
  if (info[3].IsBigInt())
    type = info[3].As<Napi::BigInt>().Int64Value(&lossless);
  else
    type = info[3].As<Napi::Number>().Int64Value();
  void *data = nullptr;
  size_t size = 0;
  if (send)
    napi_get_buffer_info(info.Env(), info[4], &data, &size);
  else
    size = info[4].As<Napi::Number>().Int64Value();
  std::unique_ptr<char, void (*)(void *)> room(static_cast<char *>(malloc(sizeof(long) + size)), free);
  if (!room) return Napi::Number::New(info.Env(), -ENOMEM);
  memcpy(room.get(), &type, sizeof type);
  if (size && data) memcpy(room.get() + sizeof(long), data, size);

  Operations &operations = *instance.operations;
  auto operation = std::unique_ptr<Operation>(
      new Operation{&operations, id, send, int_argument(info, 2), type, size, int_argument(info, 5), std::move(room)});
  const std::lock_guard lock(operations.mutex);
  const int error = start_thread(*operation);
  if (!error) {
    operations.threads++;
    operations.all[id] = std::move(operation);
  }
  return Napi::Number::New(info.Env(), -error);
}

// cancelOperation(id): it finishes with -ECANCELED, or with its message if that was taken already
Napi::Value CancelOperation(const Napi::CallbackInfo &info) {
  Operations &operations = *Instance::of(info.Env()).operations;
  const std::lock_guard lock(operations.mutex);
  const auto found = operations.all.find(info[0].As<Napi::Number>().Uint32Value());
  if (found != operations.all.end()) cancel(*found->second);
  return info.Env().Undefined();
}

// takeFinished() -> { id, result, data? } or null; the mtype of a message received in `number` and `exact`
Napi::Value TakeFinished(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
  Operations &operations = *instance.operations;
  std::unique_ptr<Operation> operation;
  {
    const std::lock_guard lock(operations.mutex);
    if (!operations.first_finished) return info.Env().Null();
    const auto found = operations.all.find(operations.first_finished->id);
    operation = std::move(found->second);
    operations.all.erase(found);
    operations.first_finished = operation->next;
  }
  Napi::Object finished = Napi::Object::New(info.Env());
  finished.Set("id", operation->id);
  finished.Set("result", Napi::Number::New(info.Env(), operation->result));
  if (!operation->send && operation->result >= 0) {
    int64_t mtype;
    memcpy(&mtype, operation->room.get(), sizeof mtype);
    instance.exchange->number = static_cast<double>(mtype);
    instance.exchange->exact = mtype;
    finished.Set("data", Napi::Buffer<char>::Copy(info.Env(), operation->room.get() + sizeof(long), operation->result));
  }
  return finished;
}

void close_wake_up(napi_async_cleanup_hook_handle hook, void *data) {
  Instance &instance = *static_cast<Instance *>(data);
  Operations &operations = *instance.operations;
  uv_async_t *wake_up;
  {
    // Their results have nowhere to go now. None may be left that would still take a message; they leave at once.
    std::unique_lock lock(operations.mutex);
    wake_up = std::exchange(operations.wake_up, nullptr);
    for (const auto &[id, operation] : operations.all) cancel(*operation);
    operations.idle.wait(lock, [&] { return operations.threads == 0; });
  }
  wake_up->data = hook;
  uv_close(reinterpret_cast<uv_handle_t *>(wake_up), [](uv_handle_t *handle) {
    napi_remove_async_cleanup_hook(static_cast<napi_async_cleanup_hook_handle>(handle->data));
    delete reinterpret_cast<uv_async_t *>(handle);
  });
}

// onFinished(settle): called from the event loop when operations have finished
Napi::Value OnFinished(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
  if (instance.settle) napi_delete_reference(info.Env(), instance.settle);
  napi_create_reference(info.Env(), info[0], 1, &instance.settle);
  // The same addon serves every module registry of a process (jest has one a test file): the last to come is told.
  if (instance.operations->wake_up) return info.Env().Undefined();
  auto *wake_up = new uv_async_t;
  uv_async_init(instance.loop, wake_up, [](uv_async_t *handle) {
    const Instance &instance = *static_cast<Instance *>(handle->data);
    call_from_loop(instance.env, instance.settle);
  });
  wake_up->data = &instance;
  uv_unref(reinterpret_cast<uv_handle_t *>(wake_up));
  instance.operations->wake_up = wake_up;
  napi_add_async_cleanup_hook(info.Env(), close_wake_up, &instance, nullptr);
  return info.Env().Undefined();
}

// keepAlive(yes): does the event loop go on while operations wait?
Napi::Value KeepAlive(const Napi::CallbackInfo &info) {
  auto *handle = reinterpret_cast<uv_handle_t *>(Instance::of(info.Env()).operations->wake_up);
  if (info[0].As<Napi::Boolean>().Value())
    uv_ref(handle);
  else
    uv_unref(handle);
  return info.Env().Undefined();
}

}  // namespace

void forget_parents_operations(Instance &instance) {
  // Left as it is, not destroyed: its mutex may be locked by a thread that does not exist here.
  const Operations *const parents = instance.operations.release();
  instance.operations = std::make_unique<Operations>();
  instance.operations->wake_up = parents->wake_up;
}

void define_promises(Napi::Env env, Napi::Object exports) {
  exports.Set("startOperation", Napi::Function::New(env, StartOperation));
  exports.Set("cancelOperation", Napi::Function::New(env, CancelOperation));
  exports.Set("takeFinished", Napi::Function::New(env, TakeFinished));
  exports.Set("onFinished", Napi::Function::New(env, OnFinished));
  exports.Set("keepAlive", Napi::Function::New(env, KeepAlive));
}

}  // namespace ipclab
