#include "addon/messages.h"

#include <errno.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/syscall.h>

#include <cmath>

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

int64_t type_of(const Exchange &exchange) {
  return std::isnan(exchange.type) ? exchange.exact : static_cast<int64_t>(exchange.type);
}

Instance &own_instance(napi_env env, napi_callback_info info, size_t *count, napi_value *argument) {
  void *own;
  napi_get_cb_info(env, info, count, argument, nullptr, &own);
  return *static_cast<Instance *>(own);
}

void finish(Instance &instance, long result) {
  instance.exchange->result = static_cast<double>(result);
  instance.exchange->signals = *instance.interrupted;
}

long receive(Instance &instance, void *room, size_t size) {
  Exchange &exchange = *instance.exchange;
  const long received =
      restartable_call(instance.interrupted, SYS_msgrcv, exchange.id, room, size, type_of(exchange), exchange.flags);
  if (received >= 0) {
    long mtype;
    memcpy(&mtype, room, sizeof mtype);
    exchange.number = static_cast<double>(mtype);
    exchange.exact = mtype;
  }
  finish(instance, received);
  return received;
}

// msgsnd(data), with id, type and flags in the exchange
napi_value Send(napi_env env, napi_callback_info info) {
  napi_value argument[1];
  size_t count = 1;
  Instance &instance = own_instance(env, info, &count, argument);
  void *data = nullptr;
  size_t size = 0;
  napi_get_buffer_info(env, argument[0], &data, &size);
  const MessageRoom room(instance, size);
  if (!room) {
    finish(instance, -ENOMEM);
    return nullptr;
  }
  const Exchange &exchange = *instance.exchange;
  const int64_t mtype = type_of(exchange);
  memcpy(room.mtype(), &mtype, sizeof mtype);
  if (size) memcpy(room.data(), data, size);
  finish(instance, restartable_call(instance.interrupted, SYS_msgsnd, exchange.id, room.mtype(), size, exchange.flags));
  return nullptr;
}

// msgrcv(), with id, type, flags, size and offset in the exchange: the message is written to the slab, mtype first
napi_value Receive(napi_env env, napi_callback_info info) {
  Instance &instance = own_instance(env, info, nullptr, nullptr);
  const auto offset = static_cast<size_t>(instance.exchange->offset),
             size = static_cast<size_t>(instance.exchange->size);
  if (offset + sizeof(long) + size > instance.slab_bytes)
    finish(instance, -EFAULT);
  else
    receive(instance, instance.slab + offset, size);
  return nullptr;
}

// msgrcvInto(into), with id, type and flags in the exchange
napi_value ReceiveInto(napi_env env, napi_callback_info info) {
  napi_value argument[1];
  size_t count = 1;
  Instance &instance = own_instance(env, info, &count, argument);
  void *into = nullptr;
  size_t size = 0;
  napi_get_buffer_info(env, argument[0], &into, &size);
  const MessageRoom room(instance, size);
  if (!room) {
    finish(instance, -ENOMEM);
    return nullptr;
  }
  const long received = receive(instance, room.mtype(), size);
  if (received > 0) memcpy(into, room.data(), received);
  return nullptr;
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
  // A key may be negative, so failure is told apart through `number`: -1 can be a key too.
  Instance::of(info.Env()).exchange->number = key == -1 && errno ? errno : 0;
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
