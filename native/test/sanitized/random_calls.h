// Calls drawn at random: mostly sensible, each kind of nonsense now and then.
#pragma once
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>

#include <algorithm>
#include <climits>
#include <initializer_list>
#include <random>

#include "kernel_worker.h"

class RandomCalls {
 public:
  RandomCalls(uint32_t seed, const ipclab::Credentials &caller, int first_key)
      : random_(seed), caller_(caller), first_key_(first_key) {}

  // Messages are drawn up to a little longer than this.
  void set_longest(long bytes) { longest_ = static_cast<int>(std::min(bytes, 64L)); }

  int below(int bound) { return static_cast<int>(random_() % static_cast<uint32_t>(bound)); }
  bool one_in(int times) { return below(times) == 0; }
  template <class Value>
  Value pick(std::initializer_list<Value> values) {
    return *(values.begin() + below(static_cast<int>(values.size())));
  }

  int some_mode() { return one_in(4) ? below(01000) : 0600; }
  int some_key() { return one_in(5) ? IPC_PRIVATE : first_key_ + below(kKeys); }
  int some_get_flags() { return some_mode() | (one_in(4) ? 0 : IPC_CREAT) | (one_in(5) ? IPC_EXCL : 0); }

  Request some_send(int id) {
    Request request{};
    request.kind = Request::Msgsnd;
    request.id = id;
    request.type = one_in(30) ? pick({0L, -1L, 1L << 40}) : 1 + below(5);
    request.size = one_in(50) ? static_cast<size_t>(-1) : static_cast<size_t>(below(longest_ + 2));
    if (one_in(4)) request.size = 0;
    for (size_t i = 0; i < std::min(request.size, kMostBytes); i++)
      request.bytes[i] = static_cast<char>('a' + below(26));
    request.flags = one_in(3) ? IPC_NOWAIT : 0;
    request.bad_pointer = one_in(40);
    return request;
  }
  Request some_receive(int id) {
    Request request{};
    request.kind = Request::Msgrcv;
    request.id = id;
    request.type = one_in(30) ? pick({LONG_MIN, LONG_MAX, 1L << 40}) : below(11) - 5;
    request.size = one_in(50) ? static_cast<size_t>(-1) : static_cast<size_t>(below(longest_ + 2));
    request.flags = (one_in(3) ? IPC_NOWAIT : 0) | (one_in(4) ? MSG_NOERROR : 0) | (one_in(4) ? MSG_EXCEPT : 0);
    if (one_in(8)) {
      request.flags |= MSG_COPY | (one_in(6) ? 0 : IPC_NOWAIT);
      if (!one_in(6)) request.flags &= ~MSG_EXCEPT;
    }
    request.bad_pointer = one_in(40);
    return request;
  }
  Request some_msgctl(int id) {
    Request request{};
    request.kind = Request::Msgctl;
    request.id = id;
    request.cmd = one_in(5) ? IPC_RMID : one_in(10) ? pick({99, -1}) : pick({IPC_STAT, IPC_SET});
    request.set.msg_perm.uid = one_in(3) ? 0 : caller_.uid;
    request.set.msg_perm.gid = one_in(3) ? 0 : caller_.gid;
    request.set.msg_perm.mode = static_cast<mode_t>(some_mode());
    request.set.msg_qbytes = static_cast<msglen_t>(below(100));
    request.bad_pointer = request.cmd != IPC_RMID && one_in(20);
    return request;
  }
  Request some_semop(int id) {
    Request request{};
    request.kind = Request::Semop;
    request.id = id;
    request.count = one_in(30) ? pick({0, 7, 8}) : 1 + below(3);
    for (int i = 0; i < request.count; i++) {
      sembuf &operation = request.operations[i];
      operation.sem_num = static_cast<unsigned short>(one_in(40) ? 9 : below(2));
      operation.sem_op = static_cast<short>(one_in(30) ? pick({32767, -32768, 20000}) : below(7) - 3);
      operation.sem_flg = static_cast<short>((one_in(4) ? IPC_NOWAIT : 0) | (one_in(3) ? SEM_UNDO : 0));
    }
    request.bad_pointer = one_in(50);
    return request;
  }
  Request some_semctl(int id) {
    Request request{};
    request.kind = Request::Semctl;
    request.id = id;
    request.cmd = one_in(8) ? IPC_RMID : pick({SETVAL, SETVAL, SETALL, GETVAL, GETPID, GETNCNT, IPC_STAT, 98});
    request.num = one_in(20) ? pick({-1, 9}) : below(2);
    request.value = one_in(10) ? pick({-1, 32767, 32768}) : below(5);
    for (unsigned short &value : request.values) value = static_cast<unsigned short>(one_in(40) ? 40000 : below(4));
    return request;
  }
  Request some_get(Request::Kind kind) {
    Request request{};
    request.kind = kind;
    request.key = some_key();
    request.flags = some_get_flags();
    request.count = one_in(10) ? pick({-1, 0, 5, 6}) : 2 + below(3);
    request.size = one_in(10) ? pick({size_t{0}, size_t{9001}, size_t{1} << 62}) : static_cast<size_t>(1 + below(9000));
    return request;
  }

 private:
  static constexpr int kKeys = 4;
  std::mt19937 random_;
  const ipclab::Credentials caller_;
  const int first_key_;
  int longest_ = 64;
};
