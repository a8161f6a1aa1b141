#pragma once

#include <napi.h>
#include <uv.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>

namespace ipclab {

struct Instance;

// One msgsnd or msgrcv that a thread of its own waits in.
struct Operation {
  uint32_t id;
  bool send;
  int msqid;
  int64_t type;
  size_t size;
  int flags;
  std::unique_ptr<char, void (*)(void *)> room;  // mtype, then the bytes
  volatile int cancelled = 0;
  pid_t thread = 0;  // 0 until it runs
  long result = 0;
  std::unique_ptr<Operation> next;  // in the list of those that have finished
};

// The operations of one JavaScript environment. Shared with their threads, which may outlive it.
struct Operations {
  std::mutex mutex;
  std::condition_variable idle;  // nothing is running any more
  std::map<uint32_t, Operation *> running;
  // A list that allocates nothing: malloc on a new thread would set up an arena for it.
  std::unique_ptr<Operation> finished;
  Operation *last_finished = nullptr;
  uv_async_t *wake_up = nullptr;  // null once the environment goes
};

// startOperation, cancelOperation, takeFinished, onFinished, keepAlive
void define_promises(Napi::Env env, Napi::Object exports);

// In a forked child: its parent's threads are not there, and may have held the mutex.
void forget_parents_operations(Instance &instance);

}  // namespace ipclab
