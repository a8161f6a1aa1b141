// Rules of System V objects, each on a shadow alone; that the kernel has the same is shadow_kernel_test's to show.
//
// links: supervisor/shadow*.cc base/errno_names.cc
#include "supervisor/shadow.h"

#include <sys/sem.h>
#include <sys/shm.h>

#include <cerrno>
#include <climits>

#include "check.h"

namespace ipclab {

static std::ostream &operator<<(std::ostream &out, const Prediction &prediction) {
  if (prediction.blocks) return out << "blocks";
  if (prediction.error) return out << "error " << prediction.error;
  return out << "returns " << prediction.result << " message " << prediction.message;
}

static bool operator==(const Prediction &one, const Prediction &other) {
  if (one.blocks || other.blocks) return one.blocks == other.blocks;
  return one.error == other.error && (one.error || (one.result == other.result && one.message == other.message));
}

}  // namespace ipclab

using namespace ipclab;

namespace {

constexpr Credentials kStudent{1000, 1000, false};
constexpr int kKey = 0x4c41;
constexpr int kLab = 0, kOther = 1;  // processes

Prediction blocks() {
  return {true, 0, 0, -1};
}
Prediction fails(int error) {
  return {false, -1, error, -1};
}
Prediction returns(long result, int message = -1) {
  return {false, result, 0, message};
}

// A shadow with one queue (kernel id 5) and short calls on it.
struct Lab {
  Shadow shadow;
  int queue = -1, message = -1, seq = 0;
  std::string difference;

  explicit Lab(Limits limits = {}, int mode = 0600) : shadow(limits, kStudent) {
    difference = shadow.commit_msgget(kLab, seq++, kKey, IPC_CREAT | mode, 5, 0, &queue);
  }
  int send(long mtype, const std::string &bytes) {
    difference = shadow.commit_msgsnd(kLab, seq++, 5, mtype, bytes.size(), bytes, 0, 0, 0, &queue, &message);
    return message;
  }
  std::string receive(long msgtyp, size_t size, int flags, long result, int error, long mtype = 0,
                      const std::string &bytes = "") {
    return shadow.commit_msgrcv(kOther, seq++, 5, size, msgtyp, flags, result, error, mtype, bytes, &queue, &message);
  }
  Prediction receiving(long msgtyp, size_t size = 100, int flags = 0) const {
    return shadow.predict_msgrcv(5, size, msgtyp, flags, kStudent);
  }
  Prediction sending(size_t size, int flags = 0) const { return shadow.predict_msgsnd(5, 1, size, flags, kStudent); }
  std::string remove() { return shadow.commit_msgctl(kOther, seq++, 5, IPC_RMID, 0, 0, nullptr, &queue); }
};

}  // namespace

TEST("type 0 is the first message, a positive type the first of that type") {
  Lab lab;
  for (long type : {5, 3, 3}) lab.send(type, "x");
  CHECK_EQUAL(lab.receiving(0), returns(1, 0));
  CHECK_EQUAL(lab.receiving(3), returns(1, 1));
  CHECK_EQUAL(lab.receiving(4), blocks());
  CHECK_EQUAL(lab.receiving(4, 100, IPC_NOWAIT), fails(ENOMSG));
}

TEST("a negative type is the first of the lowest type up to it") {
  Lab lab;
  for (long type : {5, 3, 3, 4, 1}) lab.send(type, "x");
  CHECK_EQUAL(lab.receiving(-5), returns(1, 4));
  CHECK_EQUAL(lab.receive(-5, 9, 0, 1, 0, 1, "x"), "");
  CHECK_EQUAL(lab.receiving(-5), returns(1, 1));
  CHECK_EQUAL(lab.receiving(-2), blocks());
  CHECK_EQUAL(lab.receiving(LONG_MIN), returns(1, 1));
}

TEST("MSG_EXCEPT is another type, and ignored unless the type is positive") {
  Lab lab;
  for (long type : {5, 3}) lab.send(type, "x");
  CHECK_EQUAL(lab.receiving(5, 9, MSG_EXCEPT), returns(1, 1));
  CHECK_EQUAL(lab.receiving(0, 9, MSG_EXCEPT), returns(1, 0));
  CHECK_EQUAL(lab.receiving(-4, 9, MSG_EXCEPT), returns(1, 1));
}

TEST("MSG_COPY needs IPC_NOWAIT, excludes MSG_EXCEPT, counts places and takes nothing") {
  Lab lab;
  for (long type : {5, 3}) lab.send(type, "abc");
  CHECK_EQUAL(lab.receiving(1, 9, MSG_COPY), fails(EINVAL));
  CHECK_EQUAL(lab.receiving(1, 9, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT), fails(EINVAL));
  CHECK_EQUAL(lab.receiving(1, 9, MSG_COPY | IPC_NOWAIT), returns(3, 1));
  CHECK_EQUAL(lab.receiving(2, 9, MSG_COPY | IPC_NOWAIT), fails(ENOMSG));
  CHECK_EQUAL(lab.receiving(1, 2, MSG_COPY | IPC_NOWAIT), fails(E2BIG));
  CHECK_EQUAL(lab.receiving(1, 2, MSG_COPY | IPC_NOWAIT | MSG_NOERROR), fails(EINVAL));
  CHECK_EQUAL(lab.receive(1, 9, MSG_COPY | IPC_NOWAIT, 3, 0, 3, "abc"), "");
  CHECK_EQUAL(lab.message, 1);
  CHECK_EQUAL(lab.shadow.queues()[0].pending.size(), 2u);
  CHECK_EQUAL(lab.shadow.messages()[1].receiver, -1);
}

TEST("a message that is too long stays, and MSG_NOERROR cuts it off") {
  Lab lab;
  lab.send(2, "abcdef");
  CHECK_EQUAL(lab.receiving(0, 5), fails(E2BIG));
  CHECK_EQUAL(lab.receive(0, 5, 0, -1, E2BIG), "");
  CHECK_EQUAL(lab.message, -1);
  CHECK_EQUAL(lab.shadow.queues()[0].cbytes, 6);
  CHECK_EQUAL(lab.receiving(0, 5, MSG_NOERROR), returns(5, 0));
  CHECK_EQUAL(lab.receive(0, 5, MSG_NOERROR, 5, 0, 2, "abcde"), "");
  CHECK_EQUAL(lab.shadow.queues()[0].cbytes, 0);
}

TEST("EFAULT in a receive destroys the message, in a copy it does not") {
  Lab lab;
  lab.send(1, "a");
  lab.send(1, "b");
  CHECK_EQUAL(lab.receive(0, 9, MSG_COPY | IPC_NOWAIT, -1, EFAULT), "");
  CHECK_EQUAL(lab.shadow.queues()[0].pending.size(), 2u);
  CHECK_EQUAL(lab.receive(0, 9, 0, -1, EFAULT), "");
  CHECK_EQUAL(lab.message, 0);
  const ShadowMessage &lost = lab.shadow.messages()[0];
  CHECK_EQUAL(lost.lost_at, 4);
  CHECK_EQUAL(lost.receiver, -1);
  CHECK_EQUAL(lab.receiving(0), returns(1, 1));
}

TEST("a queue is full by its bytes or by its count: empty messages fill it") {
  Limits limits;
  limits.msgmnb = 4;
  Lab bytes(limits);
  bytes.send(1, "abc");
  CHECK_EQUAL(bytes.sending(2), blocks());
  CHECK_EQUAL(bytes.sending(2, IPC_NOWAIT), fails(EAGAIN));
  CHECK_EQUAL(bytes.sending(1), returns(0));  // a small one overtakes a blocked larger one
  Lab count(limits);
  for (int i = 0; i < 4; i++) count.send(1, "");
  CHECK_EQUAL(count.sending(0), blocks());
}

TEST("a type below 1, a size above msgmax and an unknown id are EINVAL") {
  const Lab lab;
  CHECK_EQUAL(lab.shadow.predict_msgsnd(5, 0, 1, 0, kStudent), fails(EINVAL));
  CHECK_EQUAL(lab.shadow.predict_msgsnd(5, -1, 1, 0, kStudent), fails(EINVAL));
  CHECK_EQUAL(lab.shadow.predict_msgsnd(5, 1, 8193, 0, kStudent), fails(EINVAL));
  CHECK_EQUAL(lab.shadow.predict_msgsnd(5, 1, static_cast<size_t>(-1), 0, kStudent), fails(EINVAL));
  CHECK_EQUAL(lab.shadow.predict_msgsnd(5, 1, 8192, 0, kStudent), returns(0));
  CHECK_EQUAL(lab.shadow.predict_msgsnd(6, 1, 1, 0, kStudent), fails(EINVAL));
  CHECK_EQUAL(lab.receiving(0, static_cast<size_t>(-1)), fails(EINVAL));
  CHECK_EQUAL(lab.shadow.predict_msgrcv(6, 1, 0, 0, kStudent), fails(EINVAL));
}

TEST("an id is EINVAL after IPC_RMID, EIDRM only for a call that slept; what was in the queue is known") {
  Lab lab;
  CHECK(!lab.receive(0, 9, 0, -1, EIDRM).empty());
  lab.send(1, "left");
  CHECK_EQUAL(lab.remove(), "");
  const ShadowQueue &queue = lab.shadow.queues()[0];
  CHECK(!queue.alive);
  CHECK_EQUAL(queue.remover, kOther);
  CHECK_EQUAL(queue.removed_at, 3);
  CHECK_EQUAL(queue.pending.size(), 1u);
  CHECK_EQUAL(lab.receiving(0), fails(EINVAL));
  CHECK_EQUAL(lab.receive(0, 9, 0, -1, EIDRM), "");
  CHECK_EQUAL(lab.receive(0, 9, 0, -1, EINVAL), "");
  CHECK_EQUAL(lab.queue, 0);
  CHECK_EQUAL(lab.shadow.predict_msgctl(5, IPC_RMID, nullptr, kStudent), fails(EINVAL));
}

TEST("msgget: a key finds its queue, IPC_PRIVATE never does") {
  Lab lab;
  const Shadow &shadow = lab.shadow;
  CHECK_EQUAL(shadow.predict_msgget(kKey, 0, kStudent), returns(5));
  CHECK_EQUAL(shadow.predict_msgget(kKey, IPC_EXCL, kStudent), returns(5));
  CHECK_EQUAL(shadow.predict_msgget(kKey, IPC_CREAT | 0600, kStudent), returns(5));
  CHECK_EQUAL(shadow.predict_msgget(kKey, IPC_CREAT | IPC_EXCL, kStudent), fails(EEXIST));
  CHECK_EQUAL(shadow.predict_msgget(kKey + 1, 0600, kStudent), fails(ENOENT));
  CHECK_EQUAL(shadow.predict_msgget(kKey + 1, IPC_CREAT, kStudent), returns(-1));
  CHECK_EQUAL(shadow.predict_msgget(IPC_PRIVATE, 0, kStudent), returns(-1));
  CHECK_EQUAL(lab.shadow.commit_msgget(kOther, 9, IPC_PRIVATE, 0600, 7, 0, &lab.queue), "");
  CHECK_EQUAL(lab.queue, 1);
  lab.remove();
  CHECK_EQUAL(shadow.predict_msgget(kKey, 0, kStudent), fails(ENOENT));
}

TEST("msgget is ENOSPC when as many queues are there as may be") {
  Limits limits;
  limits.msgmni = 1;
  Lab lab(limits);
  CHECK_EQUAL(lab.shadow.predict_msgget(kKey + 1, IPC_CREAT, kStudent), fails(ENOSPC));
  CHECK_EQUAL(lab.shadow.predict_msgget(kKey, IPC_CREAT, kStudent), returns(5));
  lab.remove();
  CHECK_EQUAL(lab.shadow.predict_msgget(kKey + 1, IPC_CREAT, kStudent), returns(-1));
}

TEST("permission bits are those of the caller's class, for its owner too") {
  const Lab lab({}, 0246);
  const Credentials group{1, 1000, false}, other{1, 1, false}, root{};
  const Shadow &shadow = lab.shadow;
  CHECK_EQUAL(shadow.predict_msgsnd(5, 1, 1, 0, kStudent), returns(0));
  CHECK_EQUAL(lab.receiving(0), fails(EACCES));
  CHECK_EQUAL(shadow.predict_msgsnd(5, 1, 1, 0, group), fails(EACCES));
  CHECK_EQUAL(shadow.predict_msgrcv(5, 1, 0, IPC_NOWAIT, group), fails(ENOMSG));
  CHECK_EQUAL(shadow.predict_msgsnd(5, 1, 1, 0, other), returns(0));
  CHECK_EQUAL(shadow.predict_msgrcv(5, 1, 0, IPC_NOWAIT, root), fails(ENOMSG));
  CHECK_EQUAL(shadow.predict_msgget(kKey, 0400, kStudent), fails(EACCES));
  CHECK_EQUAL(shadow.predict_msgget(kKey, 0200, kStudent), returns(5));
  CHECK_EQUAL(shadow.predict_msgget(kKey, 0666, group), fails(EACCES));
  CHECK_EQUAL(shadow.predict_msgctl(5, IPC_STAT, nullptr, kStudent), fails(EACCES));
  CHECK_EQUAL(shadow.predict_msgctl(5, IPC_RMID, nullptr, kStudent), returns(0));
  CHECK_EQUAL(shadow.predict_msgctl(5, IPC_RMID, nullptr, group), fails(EPERM));
  CHECK_EQUAL(shadow.predict_msgctl(5, 99, nullptr, kStudent), fails(EINVAL));
}

TEST("IPC_SET changes mode and room; above msgmnb it needs a privilege; IPC_STAT is compared") {
  Lab lab;
  lab.send(1, "abc");
  msqid_ds set{};
  set.msg_perm.uid = 1000;
  set.msg_perm.gid = 1000;
  set.msg_perm.mode = 0400;
  set.msg_qbytes = 16385;
  CHECK_EQUAL(lab.shadow.predict_msgctl(5, IPC_SET, &set, kStudent), fails(EPERM));
  CHECK_EQUAL(lab.shadow.predict_msgctl(5, IPC_SET, &set, Credentials{}), returns(0));
  set.msg_qbytes = 3;
  CHECK_EQUAL(lab.shadow.commit_msgctl(kLab, 9, 5, IPC_SET, 0, 0, &set, &lab.queue), "");
  CHECK_EQUAL(lab.sending(1), fails(EACCES));
  msqid_ds stat = set;
  stat.msg_perm.__key = kKey;
  stat.msg_qnum = 1;
  stat.__msg_cbytes = 3;
  CHECK_EQUAL(lab.shadow.commit_msgctl(kLab, 9, 5, IPC_STAT, 0, 0, &stat, &lab.queue), "");
  stat.msg_qnum = 2;
  CHECK_EQUAL(lab.shadow.commit_msgctl(kLab, 9, 5, IPC_STAT, 0, 0, &stat, &lab.queue),
              "Expected msg_qnum to be 1, got 2 (queue 5)");
}

TEST("what the scenario has put there has no creator and no sender") {
  Shadow shadow({}, kStudent);
  const int queue = shadow.add_queue(3, kKey, 0666);
  const int message = shadow.add_message(queue, 7, "old");
  CHECK_EQUAL(shadow.queues()[0].creator, -1);
  CHECK_EQUAL(shadow.messages()[0].sender, -1);
  CHECK_EQUAL(shadow.predict_msgrcv(3, 9, 0, 0, kStudent), returns(3, message));
  CHECK_EQUAL(shadow.predict_msgctl(3, IPC_RMID, nullptr, kStudent), fails(EPERM));
}

TEST("a message knows who sent it, who got it and when") {
  Lab lab;
  lab.send(4, "hello");
  CHECK_EQUAL(lab.receive(0, 9, 0, 5, 0, 4, "hello"), "");
  const ShadowMessage &message = lab.shadow.messages()[0];
  CHECK_EQUAL(message.sender, kLab);
  CHECK_EQUAL(message.sent_at, 1);
  CHECK_EQUAL(message.receiver, kOther);
  CHECK_EQUAL(message.received_at, 2);
}

TEST("every difference between the kernel and the shadow is told in a sentence") {
  Lab lab;
  CHECK_EQUAL(lab.receive(0, 9, 0, 3, 0, 1, "abc"), "Expected msgrcv(5) to block, got 3");
  CHECK_EQUAL(lab.receive(0, 9, IPC_NOWAIT, 3, 0, 1, "abc"), "Expected msgrcv(5) to fail with ENOMSG, got 3");
  lab.send(2, "abc");
  lab.send(3, "xyz");
  CHECK_EQUAL(lab.receive(0, 9, 0, -1, ENOMSG), "Expected msgrcv(5) to return 3, got ENOMSG");
  CHECK_EQUAL(lab.receive(0, 9, 0, 2, 0, 2, "ab"), "Expected msgrcv(5) to return 3, got 2");
  CHECK_EQUAL(lab.receive(0, 9, 0, 3, 0, 3, "xyz"), "Expected msgrcv(5) to get message 0 of type 2, got type 3");
  CHECK_EQUAL(lab.receive(0, 9, 0, 3, 0, 2, "abd"), "Expected msgrcv(5) to get the bytes of message 0, got others");
  CHECK_EQUAL(lab.shadow.commit_msgget(kLab, 9, 1, 0, 8, 0, &lab.queue),
              "Expected msgget of key 1 to fail with ENOENT, got 8");
  CHECK_EQUAL(lab.shadow.commit_msgget(kLab, 9, 1, IPC_CREAT, 5, 0, &lab.queue), "Expected a new queue, got 5 again");
  CHECK_EQUAL(lab.shadow.commit_msgget(kLab, 9, 1, IPC_CREAT, -1, EEXIST, &lab.queue),
              "Expected msgget of key 1 to make a new object, got EEXIST");
}

TEST("EFAULT, ENOMEM and EINTR are believed and change nothing else") {
  Lab lab;
  lab.send(1, "a");
  for (int error : {EFAULT, ENOMEM, EINTR}) {
    CHECK_EQUAL(lab.shadow.commit_msgsnd(kLab, 9, 5, 1, 1, "", 0, -1, error, &lab.queue, &lab.message), "");
    CHECK_EQUAL(lab.message, -1);
  }
  CHECK_EQUAL(lab.receive(0, 9, 0, -1, EINTR), "");
  CHECK_EQUAL(lab.shadow.queues()[0].pending.size(), 1u);
}

TEST("without credentials EACCES and EPERM are believed") {
  Shadow shadow{Limits()};
  int queue, message;
  CHECK_EQUAL(shadow.commit_msgget(kLab, 0, kKey, IPC_CREAT, 5, 0, &queue), "");
  CHECK_EQUAL(shadow.commit_msgsnd(kLab, 1, 5, 1, 1, "a", 0, -1, EACCES, &queue, &message), "");
  CHECK_EQUAL(shadow.commit_msgsnd(kLab, 1, 5, 1, 1, "a", 0, 0, 0, &queue, &message), "");
  CHECK_EQUAL(shadow.commit_msgctl(kLab, 2, 5, IPC_RMID, -1, EPERM, nullptr, &queue), "");
  CHECK(shadow.queues()[0].alive);
}
