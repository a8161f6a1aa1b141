#include "addon/processes.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "addon/call.h"
#include "addon/instance.h"
#include "addon/restartable.h"
#include "base/errno_names.h"

namespace ipclab {
namespace {

// waitpid(pid, options) -> pid, 0, -errno or kAgain; the status in `number`
Napi::Value Waitpid(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
  int status = 0;
  const long pid =
      restartable_call(instance.interrupted, SYS_wait4, int_argument(info, 0), &status, int_argument(info, 1), nullptr);
  instance.exchange->number = status;
  return Napi::Number::New(info.Env(), pid);
}

Napi::Value ExitNow(const Napi::CallbackInfo &info) {
  _exit(int_argument(info, 0));
}

Napi::Value Getpid(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), getpid());
}

Napi::Value Getppid(const Napi::CallbackInfo &info) {
  return Napi::Number::New(info.Env(), getppid());
}

// kill(pid, signal) -> 0 or -errno
Napi::Value Kill(const Napi::CallbackInfo &info) {
  return answer(info, kill(int_argument(info, 0), int_argument(info, 1)));
}

// raise(signal) -> 0 or -errno. Straight to the kernel: glibc's may change the signal mask around it, which a tracer
// would see.
Napi::Value Raise(const Napi::CallbackInfo &info) {
  return answer(info, syscall(SYS_tgkill, getpid(), gettid(), int_argument(info, 0)));
}

// describeErrno(number) -> [name, text]
Napi::Value DescribeErrno(const Napi::CallbackInfo &info) {
  Napi::Array pair = Napi::Array::New(info.Env(), 2);
  pair.Set(0U, errno_name(int_argument(info, 0)));
  pair.Set(1U, errno_text(int_argument(info, 0)));
  return pair;
}

}  // namespace

void define_processes(Napi::Env env, Napi::Object exports) {
  exports.Set("waitpid", Napi::Function::New(env, Waitpid));
  exports.Set("exitNow", Napi::Function::New(env, ExitNow));
  exports.Set("getpid", Napi::Function::New(env, Getpid));
  exports.Set("getppid", Napi::Function::New(env, Getppid));
  exports.Set("kill", Napi::Function::New(env, Kill));
  exports.Set("raise", Napi::Function::New(env, Raise));
  exports.Set("describeErrno", Napi::Function::New(env, DescribeErrno));
}

}  // namespace ipclab
