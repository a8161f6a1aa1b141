#pragma once

#include <napi.h>
#include <uv.h>

#include <cstdint>
#include <memory>

namespace ipclab {

struct Operations;

// Memory of a JavaScript ArrayBuffer, for what does not fit into a call's result. msgsnd and msgrcv take their
// arguments from it too and leave their result there: writing and reading it costs next to nothing, a Node-API call for
// each would be felt.
struct Exchange {
  double number;   // mtype of the message received, status of the child waited for, ...
  int64_t exact;   // the same, when a double cannot hold it; a set of signals; an argument that is a bigint
  double signals;  // 1: signals were recorded whose handlers have not run
  double result;   // of msgsnd and msgrcv: 0, bytes, -errno or kAgain
  int32_t id;      // arguments of msgsnd and msgrcv
  int32_t flags;
  double type;  // NaN: in `exact`
  double size;
  double offset;  // in the slab
};

// What one JavaScript environment owns: the main thread's, or a worker's.
struct Instance {
  explicit Instance(napi_env env);
  ~Instance();

  static Instance &of(napi_env env);

  napi_env env;
  uv_loop_t *loop;
  // Signals, fork() and everything else that belongs to a process and not to a thread is the main thread's.
  bool main_thread;
  Exchange *exchange = nullptr;
  // Received messages are written here by the kernel itself, mtype first; JavaScript makes Buffers of it.
  char *slab = nullptr;
  size_t slab_bytes = 0;
  // Flag that keeps a call from going to sleep (see restartable.h).
  const volatile int *interrupted;
  // Room for one message to send, or to receive into memory of the caller's.
  std::unique_ptr<char[]> message;
  // What promises.* wait for, and the function that settles them.
  std::unique_ptr<Operations> operations;
  napi_ref settle = nullptr;
};

// Messages up to this size (msgmax is 8192 by default) use memory that is there already.
constexpr size_t kMessageBytes = 64 * 1024;

// Calls a JavaScript function from the event loop; an exception becomes an uncaught one.
void call_from_loop(napi_env env, napi_ref function);

// Handed to JavaScript as it is: a result, -errno or kAgain.
napi_value to_number(napi_env env, long value);

}  // namespace ipclab
