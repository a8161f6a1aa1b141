#include "addon/semaphores.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <time.h>

#include <vector>

#include "addon/call.h"
#include "addon/instance.h"
#include "addon/restartable.h"

namespace ipclab {
namespace {

// The program declares it (semctl(2)).
union semun {
  int val;
  semid_ds *buf;
  unsigned short *array;
};

// semget(key, count, flags) -> id or -errno
Napi::Value Get(const Napi::CallbackInfo &info) {
  return answer(info, semget(int_argument(info, 0), int_argument(info, 1), int_argument(info, 2)));
}

// semop(id, operations: Int16Array of num, op, flags for each, timeoutMs or -1) -> 0, -errno or kAgain
Napi::Value Operate(const Napi::CallbackInfo &info) {
  Instance &instance = Instance::of(info.Env());
  auto triples = info[1].As<Napi::Int16Array>();
  std::vector<sembuf> operations(triples.ElementLength() / 3);
  for (size_t i = 0; i < operations.size(); i++)
    operations[i] = {static_cast<unsigned short>(triples[3 * i]), triples[3 * i + 1], triples[3 * i + 2]};
  const double timeout_ms = info[2].As<Napi::Number>().DoubleValue();
  timespec timeout;
  timeout.tv_sec = static_cast<time_t>(timeout_ms / 1000);
  timeout.tv_nsec = static_cast<long>((timeout_ms - timeout.tv_sec * 1000.0) * 1e6);
  // glibc's semop is this call too, without a timeout.
  const long result = restartable_call(instance.interrupted, SYS_semtimedop, int_argument(info, 0), operations.data(),
                                       operations.size(), timeout_ms < 0 ? nullptr : &timeout);
  return Napi::Number::New(info.Env(), result);
}

// semctl(id, num, cmd, value) -> result or -errno: IPC_RMID, GETVAL, GETPID, GETNCNT, GETZCNT, SETVAL
Napi::Value Control(const Napi::CallbackInfo &info) {
  semun argument;
  argument.val = int_argument(info, 3);
  return answer(info, semctl(int_argument(info, 0), int_argument(info, 1), int_argument(info, 2), argument));
}

long count_of(int id, semid_ds &set) {
  semun argument;
  argument.buf = &set;
  return semctl(id, 0, IPC_STAT, argument) < 0 ? -1 : static_cast<long>(set.sem_nsems);
}

// semctlGetAll(id) -> array of values, or -errno
Napi::Value GetAll(const Napi::CallbackInfo &info) {
  const int id = int_argument(info, 0);
  semid_ds set;
  const long count = count_of(id, set);
  if (count < 0) return answer(info, -1);
  std::vector<unsigned short> values(count);
  semun argument;
  argument.array = values.data();
  if (semctl(id, 0, GETALL, argument) < 0) return answer(info, -1);
  Napi::Array result = Napi::Array::New(info.Env(), count);
  for (long i = 0; i < count; i++) result.Set(i, Napi::Number::New(info.Env(), values[i]));
  return result;
}

// semctlSetAll(id, values: Uint16Array) -> 0 or -errno; -E2BIG if there are fewer values than semaphores
Napi::Value SetAll(const Napi::CallbackInfo &info) {
  const int id = int_argument(info, 0);
  auto given = info[1].As<Napi::Uint16Array>();
  semid_ds set;
  const long count = count_of(id, set);
  if (count < 0) return answer(info, -1);
  Instance::of(info.Env()).exchange->number = static_cast<double>(count);
  if (given.ElementLength() != static_cast<size_t>(count)) return Napi::Number::New(info.Env(), -E2BIG);
  semun argument;
  argument.array = given.Data();
  return answer(info, semctl(id, 0, SETALL, argument));
}

// semctlStat(id, fields: Float64Array) -> 0 or -errno
Napi::Value Stat(const Napi::CallbackInfo &info) {
  auto fields = info[1].As<Napi::Float64Array>();
  semid_ds set;
  if (count_of(int_argument(info, 0), set) < 0) return answer(info, -1);
  const ipc_perm &permissions = set.sem_perm;
  const double values[] = {
      double(permissions.__key), double(permissions.mode), double(permissions.uid),
      double(permissions.gid),   double(permissions.cuid), double(permissions.cgid),
      double(set.sem_nsems),     double(set.sem_otime),    double(set.sem_ctime),
  };
  answer_fields(fields, values);
  return answer(info, 0);
}

// semctlSet(id, mode, uid, gid) -> 0 or -errno; undefined: as it is
Napi::Value Set(const Napi::CallbackInfo &info) {
  const int id = int_argument(info, 0);
  semid_ds set = {};
  const bool complete = has_all_permissions(info);
  if (!complete && count_of(id, set) < 0) return answer(info, -1);
  set_permissions(info, set.sem_perm);
  semun argument;
  argument.buf = &set;
  return answer(info, semctl(id, 0, IPC_SET, argument));
}

}  // namespace

void define_semaphores(Napi::Env env, Napi::Object exports) {
  exports.Set("semget", Napi::Function::New(env, Get));
  exports.Set("semop", Napi::Function::New(env, Operate));
  exports.Set("semctl", Napi::Function::New(env, Control));
  exports.Set("semctlGetAll", Napi::Function::New(env, GetAll));
  exports.Set("semctlSetAll", Napi::Function::New(env, SetAll));
  exports.Set("semctlStat", Napi::Function::New(env, Stat));
  exports.Set("semctlSet", Napi::Function::New(env, Set));
}

}  // namespace ipclab
