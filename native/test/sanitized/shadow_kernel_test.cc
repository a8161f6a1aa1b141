// The shadow against the kernel: random calls of several processes, made on both. Every answer must be the one
// foreseen, what is foreseen to block must sleep and wake when foreseen, and the objects must look the same after each
// step.
//
// links: supervisor/shadow*.cc base/errno_names.cc test/sanitized/kernel_worker.cc
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>

#include "check.h"
#include "kernel_worker.h"
#include "supervisor/shadow.h"

using namespace ipclab;

namespace {

constexpr int kWorkers = 12, kKeys = 4;
constexpr Credentials kStudent{65532, 65531, false};

void write_limit(const char *name, const std::string &value) {
  std::ofstream file(std::string("/proc/sys/kernel/") + name);
  file << value << std::flush;
  if (!file) throw std::runtime_error(std::string("writing kernel.") + name);
}

template <class Value>
Value read_limit(const char *name) {
  Value value{};
  std::ifstream(std::string("/proc/sys/kernel/") + name) >> value;
  return value;
}

// One random sequence, in an IPC namespace of its own where this process may make one, else among the machine's
// objects.
class Match {
 public:
  Match(uint32_t seed, bool isolated, const Credentials &caller)
      : random_(seed),
        isolated_(isolated),
        caller_(caller),
        limits_(set_limits()),
        shadow_(limits_, caller),
        workers_(kWorkers, caller) {
    first_key_ = isolated ? 0x100 : 0x4c000000 + (getpid() & 0xffff) * 16;
    if (isolated && !caller.privileged) add_decoys();
    for (int i = 0; i < 3; i++) workers_.start(i);
  }

  ~Match() {
    if (isolated_) return;  // all goes with the namespace
    for (const ShadowQueue &one : shadow_.queues()) one.alive &&msgctl(one.id, IPC_RMID, nullptr);
    for (const ShadowSemaphores &one : shadow_.semaphores()) one.alive &&semctl(one.id, 0, IPC_RMID);
    for (const ShadowSegment &one : shadow_.segments()) one.alive &&shmctl(one.id, IPC_RMID, nullptr);
  }

  void play(int steps) {
    for (step_ = 0; step_ < steps; step_++) {
      step();
      compare_objects();
    }
    for (int i = 0; i < kWorkers; i++) {
      if (!workers_.is_running(i)) continue;
      workers_.end(i);
      shadow_.on_exit(i);
    }
    compare_objects();
    compare_contents();
  }

  long slept() const { return slept_; }

 private:
  int below(int bound) { return static_cast<int>(random_() % static_cast<uint32_t>(bound)); }
  bool one_in(int times) { return below(times) == 0; }
  template <class Value>
  Value pick(std::initializer_list<Value> values) {
    return *(values.begin() + below(static_cast<int>(values.size())));
  }

  Limits set_limits() {
    Limits limits;
    if (!isolated_) {
      limits.msgmax = read_limit<long>("msgmax");
      limits.msgmnb = read_limit<long>("msgmnb");
      return limits;
    }
    limits.msgmax = pick({8, 24, 64});
    limits.msgmnb = pick({3, 40, 100});
    limits.msgmni = 5;
    limits.semmsl = 5;
    limits.semmns = 12;
    limits.semopm = 6;
    limits.semmni = 4;
    limits.shmmax = 9000;
    limits.shmmni = 4;
    write_limit("msgmax", std::to_string(limits.msgmax));
    write_limit("msgmnb", std::to_string(limits.msgmnb));
    write_limit("msgmni", "5");
    write_limit("sem", "5 12 6 4");
    write_limit("shmmax", "9000");
    write_limit("shmmni", "4");
    return limits;
  }

  // Queues of root's, one with the student's group.
  void add_decoys() {
    for (gid_t group : {gid_t{0}, kStudent.gid}) {
      const int mode = below(01000);
      if (setegid(group) != 0) throw std::runtime_error("setegid");
      const int id = msgget(IPC_PRIVATE, mode);
      if (setegid(0) != 0 || id < 0) throw std::runtime_error("a decoy");
      const int queue = shadow_.add_queue(id, 0, mode, Credentials{0, group, true});
      const struct {
        long type;
        char byte;
      } message{3, 'd'};
      if (msgsnd(id, &message, 1, IPC_NOWAIT) == 0) shadow_.add_message(queue, 3, "d");
    }
  }

  // An id: mostly of a living object, sometimes of a dead one, sometimes of none.
  template <class Object>
  int some_id(const std::vector<Object> &objects) {
    if (objects.empty() || one_in(40)) return pick({-1, 0, 77, 1 << 20});
    for (int attempt = 0; attempt < 8; attempt++) {
      const Object &object = objects[static_cast<size_t>(below(static_cast<int>(objects.size())))];
      if (object.alive || one_in(30)) return object.id;
    }
    return objects.back().id;
  }
  int some_mode() { return one_in(4) ? below(01000) : 0600; }
  int some_key() { return one_in(5) ? IPC_PRIVATE : first_key_ + below(kKeys); }
  int some_get_flags() { return some_mode() | (one_in(4) ? 0 : IPC_CREAT) | (one_in(5) ? IPC_EXCL : 0); }
  int some_worker() {
    for (;;) {
      const int worker = below(kWorkers);
      if (workers_.is_running(worker)) return worker;
    }
  }

  Request some_send(int id) {
    Request request{};
    request.kind = Request::Msgsnd;
    request.id = id;
    request.type = one_in(30) ? pick({0L, -1L, 1L << 40}) : 1 + below(5);
    request.size = one_in(50) ? static_cast<size_t>(-1) : static_cast<size_t>(below(static_cast<int>(longest()) + 2));
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
    request.size = one_in(50) ? static_cast<size_t>(-1) : static_cast<size_t>(below(static_cast<int>(longest()) + 2));
    request.flags = (one_in(3) ? IPC_NOWAIT : 0) | (one_in(4) ? MSG_NOERROR : 0) | (one_in(4) ? MSG_EXCEPT : 0);
    if (one_in(8)) {
      request.flags |= MSG_COPY | (one_in(6) ? 0 : IPC_NOWAIT);
      if (!one_in(6)) request.flags &= ~MSG_EXCEPT;
    }
    request.bad_pointer = one_in(40);
    return request;
  }
  size_t longest() const { return static_cast<size_t>(std::min(limits_.msgmax, 64L)); }

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

  Prediction predict(int worker, const Request &call) const {
    switch (call.kind) {
      case Request::Msgget:
        return shadow_.predict_msgget(call.key, call.flags, caller_);
      case Request::Msgsnd:
        return shadow_.predict_msgsnd(call.id, call.type, call.size, call.flags, caller_);
      case Request::Msgrcv:
        return shadow_.predict_msgrcv(call.id, call.size, call.type, call.flags, caller_);
      case Request::Semop:
        return shadow_.predict_semop(call.id, operations_of(call), worker, caller_);
      default:
        return {};
    }
  }

  // A receive looks at its buffer last, the others first.
  static bool faults_at_once(const Request &call) { return call.bad_pointer && call.kind != Request::Msgrcv; }

  static std::vector<SemOp> operations_of(const Request &call) {
    std::vector<SemOp> operations;
    for (int i = 0; i < call.count; i++)
      operations.push_back({call.operations[i].sem_num, call.operations[i].sem_op, call.operations[i].sem_flg});
    return operations;
  }

  // Tells the shadow; a difference fails the test.
  void commit(int worker, const Request &call, const Answer &answer) {
    int object = -1, message = -1;
    const long result = answer.result;
    const int error = answer.error;
    std::string difference;
    if (call.kind == Request::Msgget) {
      difference = shadow_.commit_msgget(worker, step_, call.key, call.flags, result, error, &object);
    } else if (call.kind == Request::Msgsnd) {
      const std::string bytes(call.bytes, error ? 0 : call.size);
      difference = shadow_.commit_msgsnd(worker, step_, call.id, call.type, call.size, bytes, call.flags, result, error,
                                         &object, &message);
    } else if (call.kind == Request::Msgrcv) {
      const std::string bytes(answer.bytes, error ? 0 : static_cast<size_t>(result));
      difference = shadow_.commit_msgrcv(worker, step_, call.id, call.size, call.type, call.flags, result, error,
                                         answer.type, bytes, &object, &message);
    } else if (call.kind == Request::Msgctl) {
      const msqid_ds *set = call.cmd == IPC_SET && !call.bad_pointer ? &call.set : nullptr;
      difference = shadow_.commit_msgctl(worker, step_, call.id, call.cmd, result, error, set, &object);
    } else if (call.kind == Request::Semget) {
      difference = shadow_.commit_semget(worker, step_, call.key, call.count, call.flags, result, error, &object);
    } else if (call.kind == Request::Semop) {
      difference = shadow_.commit_semop(worker, step_, call.id, operations_of(call), result, error, &object);
    } else if (call.kind == Request::Semctl) {
      std::vector<unsigned short> values;
      const int set = shadow_.find_semaphores(call.id);
      if (call.cmd == SETALL && set >= 0)
        values.assign(call.values, call.values + shadow_.semaphores()[static_cast<size_t>(set)].values.size());
      difference =
          shadow_.commit_semctl(worker, step_, call.id, call.num, call.cmd, call.value, values, result, error, &object);
      if (call.cmd == GETPID && !error) {
        const int last = shadow_.semaphores()[static_cast<size_t>(set)].last_process[static_cast<size_t>(call.num)];
        if (last < 0 || workers_.is_running(last)) CHECK_EQUAL(result, last < 0 ? 0 : workers_.pid(last));
      }
    } else if (call.kind == Request::Shmget) {
      difference = shadow_.commit_shmget(worker, step_, call.key, call.size, call.flags, result, error, &object);
    } else if (call.kind == Request::Shmat) {
      difference = shadow_.commit_shmat(worker, step_, call.id, call.flags, result, error, &object);
    } else if (call.kind == Request::Shmdt) {
      difference = shadow_.commit_shmdt(worker, step_, call.address, result, error, &object);
      const bool known = error || object >= 0;
      if (!known) difference = "Expected a detach of something attached";
    } else {
      difference = shadow_.commit_shmctl(worker, step_, call.id, call.cmd, result, error, &object);
    }
    if (!difference.empty()) throw check::Failure{"step " + std::to_string(step_) + ": " + difference};
  }

  void step() {
    const int worker = some_worker(), what = below(100);
    Request call{};
    if (what < 5) {
      call = some_get(Request::Msgget);
    } else if (what < 30) {
      call = some_send(some_id(shadow_.queues()));
    } else if (what < 55) {
      call = some_receive(some_id(shadow_.queues()));
    } else if (what < 61) {
      call = some_msgctl(some_id(shadow_.queues()));
    } else if (what < 64) {
      call = some_get(Request::Semget);
    } else if (what < 78) {
      call = some_semop(some_id(shadow_.semaphores()));
    } else if (what < 83) {
      call = some_semctl(some_id(shadow_.semaphores()));
    } else if (what < 86) {
      call = some_get(Request::Shmget);
    } else if (what < 90) {
      call.kind = Request::Shmat;
      call.id = some_id(shadow_.segments());
      call.flags = one_in(3) ? SHM_RDONLY : 0;
    } else if (what < 94) {
      call.kind = Request::Shmdt;
      call.address = some_address(worker);
    } else if (what < 96) {
      call.kind = Request::Shmctl;
      call.id = some_id(shadow_.segments());
      call.cmd = pick({IPC_RMID, IPC_STAT, 99});
    } else {
      return change_processes(worker);
    }
    const bool blocks = !faults_at_once(call) && predict(worker, call).blocks;
    if (!blocks) return commit(worker, call, workers_.ask(worker, call));
    if (one_in(4)) return sleep_and_wake(worker, call);
    // The same call that would not wait: the kernel must say that it would have.
    Request impatient = call;
    impatient.flags |= IPC_NOWAIT;
    for (sembuf &operation : impatient.operations) operation.sem_flg |= IPC_NOWAIT;
    commit(worker, impatient, workers_.ask(worker, impatient));
    const Prediction again = predict(worker, impatient);
    CHECK_EQUAL(again.error, call.kind == Request::Msgrcv ? ENOMSG : EAGAIN);
  }

  long some_address(int worker) {
    for (const ShadowSegment &segment : shadow_.segments()) {
      for (const auto &attachment : segment.attached) {
        if (attachment.first == worker && one_in(2)) return attachment.second;
      }
    }
    return 1 << 16;
  }

  // A call asleep in the kernel; another process does something to the same object; awake exactly if the shadow says
  // so.
  void sleep_and_wake(int sleeper, const Request &call) {
    int waker = -1;
    for (int i = 0; i < kWorkers; i++) {
      if (i != sleeper && workers_.is_running(i)) waker = i;
    }
    if (waker < 0) return;
    if (!workers_.sleep_in(sleeper, call)) {
      const Answer answer = workers_.answer_of(sleeper);
      throw check::Failure{"step " + std::to_string(step_) + ": expected call " + std::to_string(call.kind) +
                           " to sleep, got " + std::to_string(answer.result) + " error " +
                           std::to_string(answer.error)};
    }
    slept_++;
    Request other{};
    if (call.kind == Request::Semop) {
      other = one_in(2) ? some_semop(call.id) : some_semctl(call.id);
    } else {
      const int what = below(6);
      other = what == 0 ? some_msgctl(call.id) : what < 3 ? some_send(call.id) : some_receive(call.id);
    }
    if (other.kind == Request::Msgctl && other.cmd == IPC_SET && call.kind == Request::Msgsnd)
      other.set.msg_perm.mode = 0666;  // the kernel lets a sender that has lost its permission sleep on
    if (faults_at_once(other) || !predict(waker, other).blocks) commit(waker, other, workers_.ask(waker, other));
    if (predict(sleeper, call).blocks) workers_.interrupt(sleeper);
    const Answer answer = workers_.answer_of(sleeper);
    if (predict(sleeper, call).blocks) CHECK_EQUAL(answer.error, EINTR);
    commit(sleeper, call, answer);
  }

  void change_processes(int worker) {
    int free = -1, running = 0;
    for (int i = 0; i < kWorkers; i++) {
      running += workers_.is_running(i);
      if (!workers_.is_running(i) && !used_up_[i]) free = i;
    }
    if (free >= 0 && one_in(2)) {
      Request request{};
      request.kind = Request::Fork;
      request.child = free;
      workers_.ask(worker, request);
      shadow_.on_fork(worker, free);
    } else if (running > 2) {
      workers_.end(worker);
      shadow_.on_exit(worker);
      used_up_[worker] = true;  // a number is a process's for good
    }
  }

  void compare_objects() {
    for (const ShadowQueue &queue : shadow_.queues()) {
      msqid_ds stat;
      if (msgctl(queue.id, IPC_STAT, &stat) != 0) {
        if (errno != EACCES) CHECK_EQUAL(queue.alive, false);
        continue;
      }
      CHECK_EQUAL(queue.alive, true);
      CHECK_EQUAL(stat.msg_qnum, queue.pending.size());
      CHECK_EQUAL(stat.__msg_cbytes, static_cast<unsigned long>(queue.cbytes));
      CHECK_EQUAL(stat.msg_qbytes, static_cast<unsigned long>(queue.qbytes));
      CHECK_EQUAL(static_cast<int>(stat.msg_perm.mode & 0777), queue.mode);
      if (queue.last_sender >= 0 && workers_.is_running(queue.last_sender))
        CHECK_EQUAL(stat.msg_lspid, workers_.pid(queue.last_sender));
      if (queue.last_receiver >= 0 && workers_.is_running(queue.last_receiver))
        CHECK_EQUAL(stat.msg_lrpid, workers_.pid(queue.last_receiver));
    }
    for (const ShadowSemaphores &set : shadow_.semaphores()) {
      std::vector<unsigned short> values(kMostValues);
      if (semctl(set.id, 0, GETALL, values.data()) != 0) {
        if (errno != EACCES) CHECK_EQUAL(set.alive, false);
        continue;
      }
      CHECK_EQUAL(set.alive, true);
      CHECK(std::equal(set.values.begin(), set.values.end(), values.begin()));
    }
    for (const ShadowSegment &segment : shadow_.segments()) {
      shmid_ds stat;
      if (shmctl(segment.id, IPC_STAT, &stat) != 0) {
        if (errno != EACCES) CHECK_EQUAL(segment.alive, false);
        continue;
      }
      CHECK_EQUAL(segment.alive, true);
      CHECK_EQUAL(stat.shm_nattch, segment.attached.size());
      CHECK_EQUAL(stat.shm_segsz, segment.size);
    }
  }

  // Every message that is left, in order.
  void compare_contents() {
    if (geteuid() != 0) return;
    for (const ShadowQueue &queue : shadow_.queues()) {
      if (!queue.alive) continue;
      for (size_t i = 0; i < queue.pending.size(); i++) {
        const ShadowMessage &message = shadow_.messages()[static_cast<size_t>(queue.pending[i])];
        struct {
          long type;
          char bytes[kMostBytes];
        } got;
        const ssize_t size = msgrcv(queue.id, &got, kMostBytes, static_cast<long>(i), MSG_COPY | IPC_NOWAIT);
        if (size < 0 && errno == ENOSYS) return;
        CHECK_EQUAL(size, static_cast<ssize_t>(message.bytes.size()));
        CHECK_EQUAL(got.type, message.mtype);
        CHECK_EQUAL(std::string(got.bytes, static_cast<size_t>(size)), message.bytes);
      }
    }
  }

  std::mt19937 random_;
  const bool isolated_;
  const Credentials caller_;
  const Limits limits_;
  Shadow shadow_;
  Workers workers_;
  int first_key_ = 0, step_ = 0;
  long slept_ = 0;
  bool used_up_[kWorkers] = {};
};

// `SHADOW_SEEDS=2000 build/…` plays longer; `SHADOW_FIRST=17` begins elsewhere.
int number_from(const char *name, int otherwise) {
  const char *text = std::getenv(name);
  return text ? std::atoi(text) : otherwise;
}

void play_seeds(const Credentials &caller) {
  const int first = number_from("SHADOW_FIRST", 1), seeds = number_from("SHADOW_SEEDS", 20);
  long slept = 0;
  for (int seed = first; seed < first + seeds; seed++) {
    const bool isolated = geteuid() == 0 && unshare(CLONE_NEWIPC) == 0;
    try {
      Match match(static_cast<uint32_t>(seed), isolated, caller);
      match.play(500);
      slept += match.slept();
    } catch (const check::Failure &failure) {
      throw check::Failure{"seed " + std::to_string(seed) + ", " + failure.text};
    } catch (const std::exception &error) {
      throw check::Failure{"seed " + std::to_string(seed) + ", " + error.what()};
    }
  }
  CHECK(slept > seeds);
}

}  // namespace

TEST("the kernel answers a student as the shadow foresees, 500 random calls on each seed") {
  play_seeds(geteuid() == 0 ? kStudent : Credentials{geteuid(), getegid(), false});
}

TEST("the kernel answers root as the shadow foresees, 500 random calls on each seed") {
  if (geteuid() != 0) SKIP("needs root");
  play_seeds(Credentials{});
}
