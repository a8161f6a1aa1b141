#include "addon/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <uv.h>

#include <atomic>

#include "addon/call.h"
#include "addon/instance.h"
#include "addon/private_signal.h"
#include "addon/restartable.h"

// The C handler only records: which signal, in which order, in which process. JavaScript takes the records at its safe
// points.

namespace ipclab {
namespace {

constexpr size_t kSignalSetBytes = 8;       // the kernel's sigset_t
constexpr int kSaRestorer = 0x04000000;     // glibc's own, shown by the kernel
constexpr int kHandlerOption = 0x49504332;  // supervisor/seccomp_table.h
constexpr uint32_t kRecords = 4096;         // more at one time are dropped: as the kernel does beyond RLIMIT_SIGPENDING

// A ring that handlers fill (they may interrupt one another, or run on two threads) and the main thread empties.
// An entry is the signal's number and the process that it came to; 0 is an empty place.
std::atomic<uint64_t> records[kRecords];
std::atomic<uint32_t> written{0};
std::atomic<uint32_t> taken{0};
volatile int recorded = 0;

// Ends a wait in the event loop. Belongs to the environment that loaded the addon last (a test runner makes several).
uv_async_t *wake_up = nullptr;
napi_env handlers_env = nullptr;
napi_ref run_handlers = nullptr;

void add_record(int signal) {
  uint32_t place = written.load();
  do {
    if (place - taken.load() >= kRecords) return;
  } while (!written.compare_exchange_weak(place, place + 1));
  records[place % kRecords].store(uint64_t(getpid()) << 32 | uint32_t(signal));
  recorded = 1;
}

// The next signal of this process, or 0.
int take_record() {
  if (!recorded) return 0;
  const uint64_t process = getpid();
  for (;;) {
    const uint32_t place = taken.load();
    if (place == written.load()) {
      recorded = 0;
      if (taken.load() == written.load()) return 0;
      recorded = 1;
      continue;
    }
    const uint64_t entry = records[place % kRecords].exchange(0);
    if (!entry) continue;  // claimed by a handler on another thread that is about to write it
    taken.store(place + 1);
    if (entry >> 32 == process) return static_cast<int>(entry & 0xffffffff);
  }
}

void on_signal(int signal, siginfo_t *info, void *context) {
  const int saved = errno;
  const bool fault = signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL;
  if (fault && info->si_code > 0) {
    // Raised by an instruction, which would only raise it again: no JavaScript can mend it, so the process dies of it.
    ::signal(signal, SIG_DFL);
  } else {
    add_record(signal);
    leave_window(context);
    if (wake_up) uv_async_send(wake_up);
  }
  errno = saved;
}

sigset_t to_set(uint32_t low, uint32_t high) {
  sigset_t set;
  sigemptyset(&set);
  const uint64_t bits = uint64_t(high) << 32 | low;
  memcpy(&set, &bits, sizeof bits);
  return set;
}

// A set goes to JavaScript as one number in `exact`: bit n-1 is signal n.
void answer_set(Instance &instance, const sigset_t &set) {
  memcpy(&instance.exchange->exact, &set, sizeof instance.exchange->exact);
}

uint32_t word(const Napi::CallbackInfo &info, size_t index) {
  return info[index].As<Napi::Number>().Uint32Value();
}

enum Disposition { kDefault = 0, kIgnore = 1, kHandler = 2, kForeign = 3 };

// sigaction(signal, disposition | -1 to ask only, mask low, mask high, flags) -> the old disposition or -errno
Napi::Value Sigaction(const Napi::CallbackInfo &info) {
  const int signal = int_argument(info, 0);
  const int disposition = int_argument(info, 1);
  if (signal == private_signal()) return Napi::Number::New(info.Env(), -EINVAL);
  struct sigaction action = {}, old = {};
  action.sa_mask = to_set(word(info, 2), word(info, 3));
  action.sa_flags = int_argument(info, 4);
  if (disposition == kHandler) {
    action.sa_sigaction = on_signal;
    action.sa_flags |= SA_SIGINFO;
  } else {
    action.sa_handler = disposition == kIgnore ? SIG_IGN : SIG_DFL;
    action.sa_flags &= ~SA_SIGINFO;
  }
  if (sigaction(signal, disposition < 0 ? nullptr : &action, &old) < 0) return answer(info, -1);
  Instance &instance = Instance::of(info.Env());
  answer_set(instance, old.sa_mask);
  instance.exchange->number = old.sa_flags & ~(SA_SIGINFO | kSaRestorer);
  int was = kForeign;
  if (old.sa_flags & SA_SIGINFO) {
    if (old.sa_sigaction == on_signal) was = kHandler;
  } else if (old.sa_handler == SIG_DFL) {
    was = kDefault;
  } else if (old.sa_handler == SIG_IGN) {
    was = kIgnore;
  }
  return Napi::Number::New(info.Env(), was);
}

// takeSignal() -> the next recorded signal, or 0
napi_value TakeSignal(napi_env env, napi_callback_info) {
  return to_number(env, take_record());
}

// recordSignal(signal): puts back a signal whose handler may not run yet
Napi::Value RecordSignal(const Napi::CallbackInfo &info) {
  add_record(int_argument(info, 0));
  return info.Env().Undefined();
}

// markHandler(signal | 0): the handler of this signal begins, or it ends. For the supervisor, which stops at this call;
// the kernel knows no such option, and its EINVAL is nobody's business.
napi_value MarkHandler(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  int32_t signal = 0;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  napi_get_value_int32(env, argument, &signal);
  const int saved = errno;
  prctl(kHandlerOption, static_cast<unsigned long>(signal), 0UL, 0UL, 0UL);
  errno = saved;
  return nullptr;
}

void close_wake_up(napi_async_cleanup_hook_handle hook, void *data) {
  auto *async = static_cast<uv_async_t *>(data);
  if (wake_up == async) wake_up = nullptr;
  async->data = hook;
  uv_close(reinterpret_cast<uv_handle_t *>(async), [](uv_handle_t *handle) {
    napi_remove_async_cleanup_hook(static_cast<napi_async_cleanup_hook_handle>(handle->data));
    delete reinterpret_cast<uv_async_t *>(handle);
  });
}

// onSignals(runHandlers): called from the event loop when a signal was recorded
Napi::Value OnSignals(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
  if (run_handlers && handlers_env == instance.env) napi_delete_reference(instance.env, run_handlers);
  handlers_env = instance.env;
  napi_create_reference(instance.env, info[0], 1, &run_handlers);
  auto *async = new uv_async_t;
  uv_async_init(instance.loop, async, [](uv_async_t *) {
    if (recorded) call_from_loop(handlers_env, run_handlers);
  });
  // A handler that might run does not keep a program alive, in C neither.
  uv_unref(reinterpret_cast<uv_handle_t *>(async));
  napi_add_async_cleanup_hook(instance.env, close_wake_up, async, nullptr);
  wake_up = async;
  return info.Env().Undefined();
}

// sigprocmask(how | -1 to ask only, low, high) -> 0 or -errno; the old set in `exact`
Napi::Value Sigprocmask(const Napi::CallbackInfo &info) {
  const int how = int_argument(info, 0);
  const sigset_t set = to_set(word(info, 1), word(info, 2));
  sigset_t old;
  if (how == SIG_BLOCK || how == SIG_SETMASK) quiet_helper_threads(set);
  const int error = pthread_sigmask(how < 0 ? SIG_BLOCK : how, how < 0 ? nullptr : &set, &old);
  if (!error) answer_set(Instance::of(info.Env()), old);
  return Napi::Number::New(info.Env(), -error);
}

// sigpending() -> 0 or -errno; the set in `exact`
Napi::Value Sigpending(const Napi::CallbackInfo &info) {
  sigset_t set;
  if (sigpending(&set) < 0) return answer(info, -1);
  answer_set(Instance::of(info.Env()), set);
  return answer(info, 0);
}

// sigsuspend(low, high) -> -EINTR or kAgain
Napi::Value Sigsuspend(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
  const sigset_t set = to_set(word(info, 0), word(info, 1));
  return Napi::Number::New(info.Env(),
                           restartable_call(instance.interrupted, SYS_rt_sigsuspend, &set, kSignalSetBytes));
}

// pause() -> -EINTR or kAgain
Napi::Value Pause(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
#ifdef SYS_pause
  const long result = restartable_call(instance.interrupted, SYS_pause);
#else
  const long result = restartable_call(instance.interrupted, SYS_ppoll, nullptr, 0, nullptr, nullptr, kSignalSetBytes);
#endif
  return Napi::Number::New(info.Env(), result);
}

// alarm(seconds) -> seconds that were left of the previous one
Napi::Value Alarm(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), alarm(word(info, 0)));
}

}  // namespace

const volatile int *signals_recorded() {
  return &recorded;
}

void forget_parents_signals() {
  recorded = 0;
  // A signal of the child's own may have come since the fork: it stays, and take_record() skips the others.
  if (taken.load() != written.load()) {
    const uint64_t process = getpid();
    for (auto &entry : records)
      if (entry.load() >> 32 == process) recorded = 1;
  }
}

void define_signals(Napi::Env env, Napi::Object exports) {
  napi_value take;
  napi_create_function(env, "takeSignal", NAPI_AUTO_LENGTH, TakeSignal, nullptr, &take);
  exports.Set("takeSignal", take);
  napi_value mark;
  napi_create_function(env, "markHandler", NAPI_AUTO_LENGTH, MarkHandler, nullptr, &mark);
  exports.Set("markHandler", mark);
  exports.Set("recordSignal", Napi::Function::New(env, RecordSignal));
  exports.Set("onSignals", Napi::Function::New(env, OnSignals));
  exports.Set("sigaction", Napi::Function::New(env, Sigaction));
  exports.Set("sigprocmask", Napi::Function::New(env, Sigprocmask));
  exports.Set("sigpending", Napi::Function::New(env, Sigpending));
  exports.Set("sigsuspend", Napi::Function::New(env, Sigsuspend));
  exports.Set("pause", Napi::Function::New(env, Pause));
  exports.Set("alarm", Napi::Function::New(env, Alarm));
}

}  // namespace ipclab
