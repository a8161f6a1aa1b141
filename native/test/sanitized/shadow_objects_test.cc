// Semaphore sets, segments, and what fork, execve and exit do to them, each rule on a shadow alone.
//
// links: supervisor/shadow*.cc base/errno_names.cc
#include <sys/sem.h>
#include <sys/shm.h>

#include <cerrno>

#include "check.h"
#include "supervisor/shadow.h"

using namespace ipclab;

namespace {

constexpr Credentials kStudent{1000, 1000, false};
constexpr int kKey = 0x4c41, kSet = 3, kSegment = 4;
constexpr int kLab = 0, kOther = 1, kChild = 2;

std::string shown(const Prediction &prediction) {
  if (prediction.blocks) return "blocks";
  if (prediction.error) return "error " + std::to_string(prediction.error);
  return "returns " + std::to_string(prediction.result);
}

std::string fails(int error) {
  return "error " + std::to_string(error);
}

std::string shown(const std::vector<int> &values) {
  std::string text;
  for (int value : values) text += std::to_string(value) + " ";
  return text;
}

// A shadow with a set of three semaphores and a segment of 100 bytes.
struct Lab {
  Shadow shadow{Limits(), kStudent};
  int place = -1, seq = 0;

  Lab() {
    shadow.commit_semget(kLab, seq++, kKey, 3, IPC_CREAT | 0600, kSet, 0, &place);
    shadow.commit_shmget(kLab, seq++, kKey, 100, IPC_CREAT | 0600, kSegment, 0, &place);
  }
  std::string operating(const std::vector<SemOp> &operations, int process = kLab) const {
    return shown(shadow.predict_semop(kSet, operations, process, kStudent));
  }
  std::string operate(const std::vector<SemOp> &operations, int process = kLab) {
    return shadow.commit_semop(process, seq++, kSet, operations, 0, 0, &place);
  }
  std::string set_value(int num, int value) {
    return shadow.commit_semctl(kOther, seq++, kSet, num, SETVAL, value, {}, 0, 0, &place);
  }
  std::string values() const { return shown(shadow.semaphores()[0].values); }
  std::string attach(int process, long address) {
    return shadow.commit_shmat(process, seq++, kSegment, 0, address, 0, &place);
  }
  std::string remove_segment() { return shadow.commit_shmctl(kOther, seq++, kSegment, IPC_RMID, 0, 0, &place); }
  const ShadowSegment &segment() const { return shadow.segments()[0]; }
};

}  // namespace

TEST("semop takes, waits for what is not there, and waits for zero") {
  Lab lab;
  CHECK_EQUAL(lab.operating({{0, -1, 0}}), "blocks");
  CHECK_EQUAL(lab.operating({{0, -1, IPC_NOWAIT}}), fails(EAGAIN));
  CHECK_EQUAL(lab.operating({{0, 0, 0}}), "returns 0");
  CHECK_EQUAL(lab.operate({{0, 2, 0}}), "");
  CHECK_EQUAL(lab.operating({{0, 0, 0}}), "blocks");
  CHECK_EQUAL(lab.operating({{0, 0, IPC_NOWAIT}}), fails(EAGAIN));
  CHECK_EQUAL(lab.operating({{0, -2, 0}}), "returns 0");
  CHECK_EQUAL(lab.operating({{0, -3, 0}}), "blocks");
}

TEST("the operations of one semop happen in order, all or none, and the first that waits decides how") {
  Lab lab;
  CHECK_EQUAL(lab.operate({{0, 0, 0}, {0, 1, 0}}), "");
  CHECK_EQUAL(lab.operating({{0, 0, 0}, {0, 1, 0}}), "blocks");
  CHECK_EQUAL(lab.operating({{1, -1, IPC_NOWAIT}, {0, -5, 0}}), fails(EAGAIN));
  CHECK_EQUAL(lab.operating({{0, -5, 0}, {1, -1, IPC_NOWAIT}}), "blocks");
  CHECK_EQUAL(lab.operating({{0, -1, 0}, {0, 0, 0}, {0, 1, 0}}), "returns 0");
  CHECK_EQUAL(lab.values(), "1 0 0 ");
}

TEST("semop refuses too many, none, a number outside and a value too high") {
  Lab lab;
  CHECK_EQUAL(lab.operating(std::vector<SemOp>(501, {0, 1, 0})), fails(E2BIG));
  CHECK_EQUAL(lab.operating({}), fails(EINVAL));
  CHECK_EQUAL(lab.operating({{3, 1, 0}}), fails(EFBIG));
  CHECK_EQUAL(lab.operating({{0, 32767, 0}}), "returns 0");
  CHECK_EQUAL(lab.operating({{0, 32767, 0}, {0, 1, 0}}), fails(ERANGE));
  CHECK_EQUAL(shown(lab.shadow.predict_semop(9, {{0, 1, 0}}, kLab, kStudent)), fails(EINVAL));
}

TEST("SEM_UNDO is given back at the exit of the process that asked for it") {
  Lab lab;
  lab.set_value(0, 5);
  lab.operate({{0, -3, SEM_UNDO}, {1, 2, SEM_UNDO}, {2, 1, 0}});
  lab.operate({{0, -1, SEM_UNDO}}, kOther);
  CHECK_EQUAL(lab.values(), "1 2 1 ");
  lab.shadow.on_exec(kLab);
  CHECK_EQUAL(lab.values(), "1 2 1 ");
  lab.shadow.on_exit(kLab);
  CHECK_EQUAL(lab.values(), "4 0 1 ");
  lab.shadow.on_exit(kOther);
  CHECK_EQUAL(lab.values(), "5 0 1 ");
}

TEST("SETVAL and SETALL forget what was to be given back, and a value is never below 0") {
  Lab lab;
  lab.operate({{0, 3, SEM_UNDO}, {1, 3, SEM_UNDO}});
  lab.set_value(0, 7);
  lab.operate({{1, -2, 0}}, kOther);
  lab.shadow.on_exit(kLab);
  CHECK_EQUAL(lab.values(), "7 0 0 ");
  lab.operate({{2, 1, SEM_UNDO}}, kOther);
  CHECK_EQUAL(lab.shadow.commit_semctl(kLab, 9, kSet, 0, SETALL, 0, {1, 2, 3}, 0, 0, &lab.place), "");
  lab.shadow.on_exit(kOther);
  CHECK_EQUAL(lab.values(), "1 2 3 ");
}

TEST("what is to be given back has limits of its own: -32768 and 32767") {
  Lab lab;
  lab.operate({{0, 32767, SEM_UNDO}, {0, -2, 0}});
  CHECK_EQUAL(lab.operate({{0, 1, SEM_UNDO}}), "");
  CHECK_EQUAL(lab.operating({{0, 1, SEM_UNDO}}), fails(ERANGE));
  CHECK_EQUAL(lab.operating({{0, 1, 0}}), "returns 0");
  CHECK_EQUAL(lab.operating({{0, 1, SEM_UNDO}}, kOther), "returns 0");
}

TEST("semctl reads and refuses as the kernel does") {
  const Lab lab;
  const auto control = [&](int num, int cmd, int value) {
    return shown(lab.shadow.predict_semctl(kSet, num, cmd, value, {}, kStudent));
  };
  CHECK_EQUAL(control(0, GETVAL, 0), "returns 0");
  CHECK_EQUAL(control(3, GETVAL, 0), fails(EINVAL));
  CHECK_EQUAL(control(-1, SETVAL, 0), fails(EINVAL));
  CHECK_EQUAL(control(-1, SETVAL, 32768), fails(ERANGE));
  CHECK_EQUAL(control(0, 99, 0), fails(EINVAL));
  CHECK_EQUAL(shown(lab.shadow.predict_semctl(kSet, 0, SETALL, 0, {1, 2, 32768}, kStudent)), fails(ERANGE));
  CHECK_EQUAL(shown(lab.shadow.predict_semctl(kSet, 0, IPC_RMID, 0, {}, {1, 1, false})), fails(EPERM));
  CHECK_EQUAL(shown(lab.shadow.predict_semctl(kSet, 0, GETVAL, 0, {}, {1, 1, false})), fails(EACCES));
}

TEST("semget counts semaphores, and asks no more than there are") {
  const Lab lab;
  CHECK_EQUAL(shown(lab.shadow.predict_semget(kKey, 3, 0, kStudent)), "returns 3");
  CHECK_EQUAL(shown(lab.shadow.predict_semget(kKey, 0, 0, kStudent)), "returns 3");
  CHECK_EQUAL(shown(lab.shadow.predict_semget(kKey, 4, 0, kStudent)), fails(EINVAL));
  CHECK_EQUAL(shown(lab.shadow.predict_semget(kKey + 1, 0, IPC_CREAT, kStudent)), fails(EINVAL));
  CHECK_EQUAL(shown(lab.shadow.predict_semget(kKey + 1, 0, 0, kStudent)), fails(ENOENT));
  CHECK_EQUAL(shown(lab.shadow.predict_semget(kKey + 1, 32001, IPC_CREAT, kStudent)), fails(EINVAL));
}

TEST("a semop that slept ends with EIDRM when its set goes, or EAGAIN when its time is over") {
  Lab lab;
  const std::vector<SemOp> taking = {{0, -1, 0}};
  CHECK_EQUAL(lab.shadow.commit_semop(kLab, 9, kSet, taking, -1, EAGAIN, &lab.place), "");
  CHECK(!lab.shadow.commit_semop(kLab, 9, kSet, taking, -1, EIDRM, &lab.place).empty());
  CHECK_EQUAL(lab.shadow.commit_semop(kLab, 9, kSet, taking, 0, 0, &lab.place), "Expected semop(3) to block, got 0");
  CHECK_EQUAL(lab.shadow.commit_semctl(kLab, 9, kSet, 0, IPC_RMID, 0, {}, 0, 0, &lab.place), "");
  CHECK_EQUAL(lab.shadow.commit_semop(kLab, 9, kSet, taking, -1, EIDRM, &lab.place), "");
  CHECK_EQUAL(lab.place, 0);
  CHECK_EQUAL(lab.operating(taking), fails(EINVAL));
}

TEST("a removed segment lives on without its key until the last process has let go") {
  Lab lab;
  CHECK_EQUAL(lab.attach(kLab, 4096), "");
  lab.shadow.on_fork(kLab, kChild);
  CHECK_EQUAL(lab.segment().attached.size(), 2u);
  CHECK_EQUAL(lab.remove_segment(), "");
  CHECK(lab.segment().alive);
  CHECK_EQUAL(lab.segment().remover, kOther);
  CHECK_EQUAL(shown(lab.shadow.predict_shmget(kKey, 1, 0, kStudent)), fails(ENOENT));
  CHECK_EQUAL(shown(lab.shadow.predict_shmat(kSegment, 0, kStudent)), "returns -1");
  CHECK_EQUAL(lab.shadow.commit_shmctl(kLab, 9, kSegment, 99, -1, EINVAL, &lab.place), "");
  CHECK(lab.segment().alive);
  CHECK_EQUAL(lab.shadow.commit_shmdt(kLab, 9, 4096, 0, 0, &lab.place), "");
  CHECK_EQUAL(lab.place, 0);
  CHECK(lab.segment().alive);
  lab.shadow.on_exit(kChild);
  CHECK(!lab.segment().alive);
  CHECK_EQUAL(lab.segment().removed_at, 3);
}

TEST("execve and exit let go of segments; without IPC_RMID the segment stays") {
  Lab lab;
  lab.attach(kLab, 4096);
  lab.attach(kOther, 8192);
  lab.shadow.on_exec(kLab);
  lab.shadow.on_exit(kOther);
  CHECK_EQUAL(lab.segment().attached.size(), 0u);
  CHECK(lab.segment().alive);
  CHECK_EQUAL(lab.remove_segment(), "");
  CHECK(!lab.segment().alive);
}

TEST("shmget and shmat refuse as the kernel does") {
  const Lab lab;
  const auto get = [&](int key, size_t size, int flags) {
    return shown(lab.shadow.predict_shmget(key, size, flags, kStudent));
  };
  CHECK_EQUAL(get(kKey, 100, 0), "returns 4");
  CHECK_EQUAL(get(kKey, 0, 0), "returns 4");
  CHECK_EQUAL(get(kKey, 101, 0), fails(EINVAL));
  CHECK_EQUAL(get(kKey, 101, IPC_CREAT | IPC_EXCL), fails(EEXIST));
  CHECK_EQUAL(get(kKey + 1, 0, IPC_CREAT), fails(EINVAL));
  CHECK_EQUAL(get(kKey + 1, 0, 0), fails(ENOENT));
  CHECK_EQUAL(shown(lab.shadow.predict_shmat(kSegment, SHM_RDONLY, {1, 1, false})), fails(EACCES));
  CHECK_EQUAL(shown(lab.shadow.predict_shmat(9, 0, kStudent)), fails(EINVAL));
  CHECK_EQUAL(shown(lab.shadow.predict_shmctl(kSegment, IPC_RMID, {1, 1, false})), fails(EPERM));
}

TEST("IPC_STAT of a segment is compared with its attachments") {
  Lab lab;
  lab.attach(kLab, 4096);
  shmid_ds stat{};
  stat.shm_nattch = 1;
  stat.shm_segsz = 100;
  stat.shm_perm.mode = 0600;
  CHECK_EQUAL(lab.shadow.commit_shmctl(kLab, 9, kSegment, IPC_STAT, 0, 0, &lab.place, &stat), "");
  stat.shm_nattch = 2;
  CHECK_EQUAL(lab.shadow.commit_shmctl(kLab, 9, kSegment, IPC_STAT, 0, 0, &lab.place, &stat),
              "Expected shm_nattch of segment 4 to be 1, got 2");
}

TEST("once IPC_SET went unread, nobody is sure of the permissions of that object") {
  Lab lab;
  CHECK_EQUAL(lab.shadow.commit_semctl(kLab, 9, kSet, 0, IPC_SET, 0, {}, 0, 0, &lab.place), "");
  CHECK_EQUAL(lab.shadow.commit_semop(kLab, 9, kSet, {{0, 1, 0}}, -1, EACCES, &lab.place), "");
  CHECK_EQUAL(lab.operate({{0, 1, 0}}), "");
  CHECK(!lab.shadow.commit_shmat(kLab, 9, kSegment, 0, -1, EACCES, &lab.place).empty());
}
