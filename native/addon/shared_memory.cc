#include "addon/shared_memory.h"

#include <errno.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#include "addon/call.h"
#include "addon/instance.h"

namespace ipclab {
namespace {

// shmget(key, sizeBytes, flags) -> id or -errno
Napi::Value Get(const Napi::CallbackInfo &info) {
  return answer(info, shmget(int_argument(info, 0), info[1].As<Napi::Number>().Int64Value(), int_argument(info, 2)));
}

// shmat(id, flags) -> an ArrayBuffer that is the segment, or -errno
Napi::Value Attach(const Napi::CallbackInfo &info) {
  const int id = int_argument(info, 0);
  void *const memory = shmat(id, nullptr, int_argument(info, 1));
  if (memory == reinterpret_cast<void *>(-1)) return answer(info, -1);
  shmid_ds segment;
  if (shmctl(id, IPC_STAT, &segment) < 0) {
    const int error = errno;
    shmdt(memory);
    errno = error;
    return answer(info, -1);
  }
  napi_value buffer;
  if (napi_create_external_arraybuffer(info.Env(), memory, segment.shm_segsz, nullptr, nullptr, &buffer) != napi_ok) {
    shmdt(memory);
    errno = ENOMEM;
    return answer(info, -1);
  }
  return Napi::Value(info.Env(), buffer);
}

// shmdt(segment: ArrayBuffer) -> 0 or -errno. The buffer, and every view of it, is empty afterwards: nothing can touch
// what is gone.
Napi::Value Detach(const Napi::CallbackInfo &info) {
  auto segment = info[0].As<Napi::ArrayBuffer>();
  void *const memory = segment.Data();
  if (shmdt(memory) < 0) return answer(info, -1);
  segment.Detach();
  return answer(info, 0);
}

// shmctlStat(id, fields: Float64Array) -> 0 or -errno
Napi::Value Stat(const Napi::CallbackInfo &info) {
  auto fields = info[1].As<Napi::Float64Array>();
  shmid_ds segment;
  if (shmctl(int_argument(info, 0), IPC_STAT, &segment) < 0) return answer(info, -1);
  const ipc_perm &permissions = segment.shm_perm;
  const double values[] = {
      double(permissions.__key), double(permissions.mode), double(permissions.uid),   double(permissions.gid),
      double(permissions.cuid),  double(permissions.cgid), double(segment.shm_segsz), double(segment.shm_nattch),
      double(segment.shm_cpid),  double(segment.shm_lpid), double(segment.shm_atime), double(segment.shm_dtime),
      double(segment.shm_ctime),
  };
  answer_fields(fields, values);
  return answer(info, 0);
}

// shmctlSet(id, mode, uid, gid) -> 0 or -errno; undefined: as it is
Napi::Value Set(const Napi::CallbackInfo &info) {
  const int id = int_argument(info, 0);
  shmid_ds segment = {};
  const bool complete = has_all_permissions(info);
  if (!complete && shmctl(id, IPC_STAT, &segment) < 0) return answer(info, -1);
  set_permissions(info, segment.shm_perm);
  return answer(info, shmctl(id, IPC_SET, &segment));
}

// shmctl(id, cmd) -> 0 or -errno: IPC_RMID, SHM_LOCK, SHM_UNLOCK
Napi::Value Control(const Napi::CallbackInfo &info) {
  return answer(info, shmctl(int_argument(info, 0), int_argument(info, 1), nullptr));
}

}  // namespace

void define_shared_memory(Napi::Env env, Napi::Object exports) {
  exports.Set("shmget", Napi::Function::New(env, Get));
  exports.Set("shmat", Napi::Function::New(env, Attach));
  exports.Set("shmdt", Napi::Function::New(env, Detach));
  exports.Set("shmctlStat", Napi::Function::New(env, Stat));
  exports.Set("shmctlSet", Napi::Function::New(env, Set));
  exports.Set("shmctl", Napi::Function::New(env, Control));
}

}  // namespace ipclab
