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
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "check.h"
#include "kernel_worker.h"
#include "random_calls.h"
#include "supervisor/shadow.h"

using namespace ipclab;

namespace {

constexpr int kWorkers = 12;
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
      : draw_(seed, caller, isolated ? 0x100 : 0x4c000000 + (getpid() & 0xffff) * 16),
        isolated_(isolated),
        caller_(caller),
        limits_(set_limits()),
        shadow_(limits_, caller),
        workers_(kWorkers, caller) {
    draw_.set_longest(limits_.msgmax);
    if (isolated && !caller.privileged) add_decoys();
    for (int i = 0; i < 3; i++) workers_.start(i);
  }

  ~Match() {
    if (isolated_) return;  // all goes with the namespace
    for (const ShadowQueue &one : shadow_.queues())
      if (one.alive) msgctl(one.id, IPC_RMID, nullptr);
    for (const ShadowSemaphores &one : shadow_.semaphores())
      if (one.alive) semctl(one.id, 0, IPC_RMID);
    for (const ShadowSegment &one : shadow_.segments())
      if (one.alive) shmctl(one.id, IPC_RMID, nullptr);
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
  Limits set_limits() {
    Limits limits;
    if (!isolated_) {
      limits.msgmax = read_limit<long>("msgmax");
      limits.msgmnb = read_limit<long>("msgmnb");
      return limits;
    }
    limits.msgmax = draw_.pick({8, 24, 64});
    limits.msgmnb = draw_.pick({3, 40, 100});
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
      const int mode = draw_.below(01000);
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
    if (objects.empty() || draw_.one_in(40)) return draw_.pick({-1, 0, 77, 1 << 20});
    for (int attempt = 0; attempt < 8; attempt++) {
      const Object &object = objects[static_cast<size_t>(draw_.below(static_cast<int>(objects.size())))];
      if (object.alive || draw_.one_in(30)) return object.id;
    }
    return objects.back().id;
  }
  int some_worker() {
    for (;;) {
      const int worker = draw_.below(kWorkers);
      if (workers_.is_running(worker)) return worker;
    }
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
    const int worker = some_worker(), what = draw_.below(100);
    Request call{};
    if (what < 5) {
      call = draw_.some_get(Request::Msgget);
    } else if (what < 30) {
      call = draw_.some_send(some_id(shadow_.queues()));
    } else if (what < 55) {
      call = draw_.some_receive(some_id(shadow_.queues()));
    } else if (what < 61) {
      call = draw_.some_msgctl(some_id(shadow_.queues()));
    } else if (what < 64) {
      call = draw_.some_get(Request::Semget);
    } else if (what < 78) {
      call = draw_.some_semop(some_id(shadow_.semaphores()));
    } else if (what < 83) {
      call = draw_.some_semctl(some_id(shadow_.semaphores()));
    } else if (what < 86) {
      call = draw_.some_get(Request::Shmget);
    } else if (what < 90) {
      call.kind = Request::Shmat;
      call.id = some_id(shadow_.segments());
      call.flags = draw_.one_in(3) ? SHM_RDONLY : 0;
    } else if (what < 94) {
      call.kind = Request::Shmdt;
      call.address = some_address(worker);
    } else if (what < 96) {
      call.kind = Request::Shmctl;
      call.id = some_id(shadow_.segments());
      call.cmd = draw_.pick({IPC_RMID, IPC_STAT, 99});
    } else {
      return change_processes(worker);
    }
    const bool blocks = !faults_at_once(call) && predict(worker, call).blocks;
    if (!blocks) return commit(worker, call, workers_.ask(worker, call));
    if (draw_.one_in(4)) return sleep_and_wake(worker, call);
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
        if (attachment.first == worker && draw_.one_in(2)) return attachment.second;
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
      other = draw_.one_in(2) ? draw_.some_semop(call.id) : draw_.some_semctl(call.id);
    } else {
      const int what = draw_.below(6);
      other = what == 0  ? draw_.some_msgctl(call.id)
              : what < 3 ? draw_.some_send(call.id)
                         : draw_.some_receive(call.id);
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
    if (free >= 0 && draw_.one_in(2)) {
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

  RandomCalls draw_;
  const bool isolated_;
  const Credentials caller_;
  const Limits limits_;
  Shadow shadow_;
  Workers workers_;
  int step_ = 0;
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
