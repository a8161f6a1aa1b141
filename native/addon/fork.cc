#include "addon/fork.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "addon/forkable.h"
#include "addon/instance.h"
#include "addon/promises.h"
#include "addon/signals.h"

namespace ipclab {
namespace {

constexpr int kPoolWaitMs = 200;

// Node's way out of an empty event loop waits for worker threads, so in a child the loop never becomes empty: a handle
// of ours keeps it going, sees that nothing else is left, and does what Node would do: 'beforeExit', look again,
// 'exit', _exit.
struct LoopGuard {
  uv_prepare_t handle;
  uv_idle_t spin;
  int empty_turns = 0;
  bool started = false;
  napi_env env = nullptr;
  napi_ref before_exit = nullptr;
  napi_ref exit = nullptr;
} guard;

bool is_anything_left() {
  uv_unref(reinterpret_cast<uv_handle_t *>(&guard.handle));
  uv_unref(reinterpret_cast<uv_handle_t *>(&guard.spin));
  const bool left = uv_loop_alive(guard.handle.loop);
  uv_ref(reinterpret_cast<uv_handle_t *>(&guard.handle));
  uv_ref(reinterpret_cast<uv_handle_t *>(&guard.spin));
  return left;
}

void on_turn(uv_prepare_t *) {
  // Two turns without waiting let V8's foreground tasks run; they may start something.
  constexpr int kTurns = 2;
  if (!is_anything_left()) {
    if (guard.empty_turns++ < kTurns) {
      uv_idle_start(&guard.spin, [](uv_idle_t *) {});
      return;
    }
    call_from_loop(guard.env, guard.before_exit);
    if (!is_anything_left()) call_from_loop(guard.env, guard.exit);  // does not return
  }
  guard.empty_turns = 0;
  uv_idle_stop(&guard.spin);
}

void start_guard(uv_loop_t *loop) {
  if (guard.started) return;  // a grandchild inherits it
  guard.started = true;
  uv_prepare_init(loop, &guard.handle);
  uv_prepare_start(&guard.handle, on_turn);
  uv_idle_init(loop, &guard.spin);
}

// SIGUSR1's handler when the addon was loaded: Node's, which wakes the inspector's thread, and that a child does not
// have.
struct sigaction inspector_action;

void restore_sigusr1() {
  struct sigaction now;
  sigaction(SIGUSR1, nullptr, &now);
  if (now.sa_handler == inspector_action.sa_handler) signal(SIGUSR1, SIG_DFL);
}

// In the child, before any JavaScript runs there.
void become_child(Instance &instance) {
  const bool first = !guard.started;
  forget_parents_signals();
  forget_parents_operations(instance);
  if (uv_loop_fork(instance.loop) != 0) _exit(126);
  if (first) {
    restore_sigusr1();
    leave_by_exit_handler();
    start_guard(instance.loop);
  }
  uv_walk(
      instance.loop,
      [](uv_handle_t *handle, void *) {
        // The parent's child_process children are not this process's, so it must not wait for them.
        if (handle->type == UV_PROCESS) uv_unref(handle);
        // A signal that waited in the parent's pipe for its listener is not the child's. libuv, which still counts it,
        // would never finish closing the handle and spin in the loop.
        if (handle->type == UV_SIGNAL) {
          auto *signal = reinterpret_cast<uv_signal_t *>(handle);
          signal->dispatched_signals = signal->caught_signals;
        }
      },
      nullptr);
  // Results of the thread pool that had arrived but were not delivered.
  uv_async_send(&instance.loop->wq_async);
}

// fork() -> pid, 0 or -errno; in `number` how many asynchronous operations the child will never see finish
Napi::Value Fork(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
  instance.exchange->number = settle_pool(instance.loop, kPoolWaitMs);
  make_heap_forkable();
  const pid_t pid = fork();
  if (pid < 0) return Napi::Number::New(info.Env(), -errno);
  if (pid == 0) become_child(instance);
  return Napi::Number::New(info.Env(), pid);
}

// prepareFork(emitBeforeExit, exit): once, in a process that may fork
Napi::Value PrepareFork(const Napi::CallbackInfo &info) {
  guard.env = info.Env();
  napi_create_reference(info.Env(), info[0], 1, &guard.before_exit);
  napi_create_reference(info.Env(), info[1], 1, &guard.exit);
  sigaction(SIGUSR1, nullptr, &inspector_action);
  report_no_workers();
  return info.Env().Undefined();
}

}  // namespace

void define_fork(Napi::Env env, Napi::Object exports) {
  exports.Set("fork", Napi::Function::New(env, Fork));
  exports.Set("prepareFork", Napi::Function::New(env, PrepareFork));
}

}  // namespace ipclab
