#pragma once

#include <napi.h>
#include <uv.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

namespace ipclab {

struct Instance;

struct Operations;

// One msgsnd or msgrcv that a thread of its own waits in.
struct Operation {
  Operations *owner;
  uint32_t id;
  bool send;
  int msqid;
  int64_t type;
  size_t size;
  int flags;
  std::unique_ptr<char, void (*)(void *)> room;  // mtype, then the bytes
  volatile int cancelled = 0;
  pid_t thread = 0;  // that can be interrupted; 0 before and after
  long result = 0;
  Operation *next = nullptr;  // of those that have finished
};

// The operations of one JavaScript environment, which ends after their threads.
struct Operations {
  std::mutex mutex;
  std::condition_variable idle;  // no thread is left
  int threads = 0;
  std::map<uint32_t, std::unique_ptr<Operation>> all;
  Operation *first_finished = nullptr;
  Operation *last_finished = nullptr;
  uv_async_t *wake_up = nullptr;  // null once the environment goes
};

// startOperation, cancelOperation, takeFinished, onFinished, keepAlive
void define_promises(Napi::Env env, Napi::Object exports);

// In a forked child: its parent's threads are not there, and may have held the mutex.
void forget_parents_operations(Instance &instance);

}  // namespace ipclab
