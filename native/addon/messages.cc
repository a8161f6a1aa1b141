#include "addon/messages.h"

#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>

#include "addon/call.h"
#include "addon/instance.h"
#include "addon/restartable.h"
#include "addon/signals.h"

namespace ipclab {
namespace {

// One message in the kernel's layout: mtype, then the bytes. Uses the instance's room unless it is too small.
class MessageRoom {
 public:
  MessageRoom(Instance &instance, size_t size) {
    if (size <= kMessageBytes) {
      bytes_ = instance.message.get();
    } else {
      // Not initialised: what the kernel does not fill is never touched, so a huge size costs no memory.
      own_.reset(static_cast<char *>(malloc(sizeof(long) + size)));
      bytes_ = own_.get();
    }
  }
  explicit operator bool() const { return bytes_ != nullptr; }
  char *mtype() const { return bytes_; }
  char *data() const { return bytes_ + sizeof(long); }

 private:
  struct Free {
    void operator()(char *bytes) const { free(bytes); }
  };
  std::unique_ptr<char, Free> own_;
  char *bytes_;
};

int64_t to_mtype(napi_env env, napi_value value) {
  int64_t mtype = 0;
  bool lossless;
  if (napi_get_value_int64(env, value, &mtype) == napi_number_expected)
    napi_get_value_bigint_int64(env, value, &mtype, &lossless);
  return mtype;
}

long receive(Instance &instance, int id, void *room, size_t size, int64_t type, int flags) {
  const long received = restartable_call(instance.interrupted, SYS_msgrcv, id, room, size, type, flags);
  if (received >= 0) {
    long mtype;
    memcpy(&mtype, room, sizeof mtype);
    instance.answers->number = static_cast<double>(mtype);
    instance.answers->exact = mtype;
  }
  instance.answers->signals = *instance.interrupted;
  return received;
}

// msgsnd(id, mtype, data, flags)
napi_value Send(napi_env env, napi_callback_info info) {
  void *own;
  napi_value argument[4];
  size_t count = 4;
  napi_get_cb_info(env, info, &count, argument, nullptr, &own);
  Instance &instance = *static_cast<Instance *>(own);
  int32_t id = -1, flags = 0;
  void *data = nullptr;
  size_t size = 0;
  napi_get_value_int32(env, argument[0], &id);
  const int64_t mtype = to_mtype(env, argument[1]);
  napi_get_buffer_info(env, argument[2], &data, &size);
  napi_get_value_int32(env, argument[3], &flags);

  const MessageRoom room(instance, size);
  if (!room) return to_number(env, -ENOMEM);
  memcpy(room.mtype(), &mtype, sizeof mtype);
  if (size) memcpy(room.data(), data, size);
  const long result = restartable_call(instance.interrupted, SYS_msgsnd, id, room.mtype(), size, flags);
  instance.answers->signals = *instance.interrupted;
  return to_number(env, result);
}

// msgrcv(id, offset, sizeBytes, msgtyp, flags): the message is written to the slab at `offset`, mtype first
napi_value Receive(napi_env env, napi_callback_info info) {
  void *own;
  napi_value argument[5];
  size_t count = 5;
  napi_get_cb_info(env, info, &count, argument, nullptr, &own);
  Instance &instance = *static_cast<Instance *>(own);
  int32_t id = -1, flags = 0;
  int64_t offset = 0, size = 0;
  napi_get_value_int32(env, argument[0], &id);
  napi_get_value_int64(env, argument[1], &offset);
  napi_get_value_int64(env, argument[2], &size);
  const int64_t type = to_mtype(env, argument[3]);
  napi_get_value_int32(env, argument[4], &flags);
  if (offset < 0 || size < 0 || offset + sizeof(long) + size > instance.slab_bytes) return to_number(env, -EFAULT);
  return to_number(env, receive(instance, id, instance.slab + offset, size, type, flags));
}

// msgrcvInto(id, into, msgtyp, flags)
napi_value ReceiveInto(napi_env env, napi_callback_info info) {
  void *own;
  napi_value argument[4];
  size_t count = 4;
  napi_get_cb_info(env, info, &count, argument, nullptr, &own);
  Instance &instance = *static_cast<Instance *>(own);
  int32_t id = -1, flags = 0;
  void *into = nullptr;
  size_t size = 0;
  napi_get_value_int32(env, argument[0], &id);
  napi_get_buffer_info(env, argument[1], &into, &size);
  const int64_t type = to_mtype(env, argument[2]);
  napi_get_value_int32(env, argument[3], &flags);

  const MessageRoom room(instance, size);
  if (!room) return to_number(env, -ENOMEM);
  const long received = receive(instance, id, room.mtype(), size, type, flags);
  if (received > 0) memcpy(into, room.data(), received);
  return to_number(env, received);
}

// msgget(key, flags)
Napi::Value Get(const Napi::CallbackInfo &info) {
  return answer(info, msgget(int_argument(info, 0), int_argument(info, 1)));
}

// msgctlRemove(id)
Napi::Value Remove(const Napi::CallbackInfo &info) {
  return answer(info, msgctl(int_argument(info, 0), IPC_RMID, nullptr));
}

// msgctlStat(id, fields: Float64Array)
Napi::Value Stat(const Napi::CallbackInfo &info) {
  auto fields = info[1].As<Napi::Float64Array>();
  msqid_ds queue;
  if (msgctl(int_argument(info, 0), IPC_STAT, &queue) < 0) return answer(info, -1);
  const ipc_perm &permissions = queue.msg_perm;
  const double values[] = {
      double(permissions.__key), double(permissions.mode), double(permissions.uid),    double(permissions.gid),
      double(permissions.cuid),  double(permissions.cgid), double(queue.__msg_cbytes), double(queue.msg_qnum),
      double(queue.msg_qbytes),  double(queue.msg_lspid),  double(queue.msg_lrpid),    double(queue.msg_stime),
      double(queue.msg_rtime),   double(queue.msg_ctime),
  };
  answer_fields(fields, values);
  return answer(info, 0);
}

// msgctlSet(id, mode, uid, gid, qbytes); undefined: as it is
Napi::Value Set(const Napi::CallbackInfo &info) {
  const int id = int_argument(info, 0);
  msqid_ds queue = {};
  const bool complete = has_all_permissions(info) && info[4].IsNumber();
  // The kernel takes all four fields, so those not given are read first.
  if (!complete && msgctl(id, IPC_STAT, &queue) < 0) return answer(info, -1);
  set_permissions(info, queue.msg_perm);
  if (info[4].IsNumber()) queue.msg_qbytes = info[4].As<Napi::Number>().Int64Value();
  return answer(info, msgctl(id, IPC_SET, &queue));
}

// ftok(path, projId)
Napi::Value KeyOf(const Napi::CallbackInfo &info) {
  const std::string path = info[0].As<Napi::String>().Utf8Value();
  errno = 0;
  const key_t key = ftok(path.c_str(), int_argument(info, 1));
  // A key may be negative, so failure is told apart through `answers`: -1 can be a key too.
  Instance::of(info.Env()).answers->number = key == -1 && errno ? errno : 0;
  return Napi::Number::New(info.Env(), key);
}

}  // namespace

void define_messages(Napi::Env env, Napi::Object exports) {
  Instance &instance = Instance::of(env);
  const auto define_raw = [&](const char *name, napi_callback callback) {
    napi_value function;
    napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, &instance, &function);
    exports.Set(name, function);
  };
  define_raw("msgsnd", Send);
  define_raw("msgrcv", Receive);
  define_raw("msgrcvInto", ReceiveInto);
  exports.Set("msgget", Napi::Function::New(env, Get));
  exports.Set("msgctlRemove", Napi::Function::New(env, Remove));
  exports.Set("msgctlStat", Napi::Function::New(env, Stat));
  exports.Set("msgctlSet", Napi::Function::New(env, Set));
  exports.Set("ftok", Napi::Function::New(env, KeyOf));
}

}  // namespace ipclab
