// Message queues of the shadow: msgget(2), msgop(2), msgctl(2). What the manual leaves out is as
// native/test/sanitized/shadow_kernel_test.cc sees it on a real kernel.
#include <climits>
#include <cstring>

#include "shadow.h"
#include "shadow_rules.h"

namespace ipclab {
namespace {

constexpr int kReading = 0444, kWriting = 0222;

// How msgrcv chooses.
struct Wanted {
  enum { Any, Type, OtherType, LowestUpTo, Place } by;
  long value;

  Wanted(long msgtyp, int flags) : by(Any), value(msgtyp) {
    if (flags & MSG_COPY) {
      by = Place;
    } else if (msgtyp < 0) {
      by = LowestUpTo;
      value = msgtyp == LONG_MIN ? LONG_MAX : -msgtyp;
    } else if (msgtyp > 0) {
      by = flags & MSG_EXCEPT ? OtherType : Type;
    }
  }
};

// Index into `pending`, or -1.
int choose(const ShadowQueue &queue, const std::vector<ShadowMessage> &messages, const Wanted &wanted) {
  int chosen = -1;
  for (size_t i = 0; i < queue.pending.size(); i++) {
    const long mtype = messages[static_cast<size_t>(queue.pending[i])].mtype;
    const int here = static_cast<int>(i);
    if (wanted.by == Wanted::Any || (wanted.by == Wanted::Type && mtype == wanted.value) ||
        (wanted.by == Wanted::OtherType && mtype != wanted.value) ||
        (wanted.by == Wanted::Place && here == wanted.value))
      return here;
    // The first of the lowest type: a later one must be lower.
    if (wanted.by == Wanted::LowestUpTo && mtype <= wanted.value &&
        (chosen < 0 || mtype < messages[static_cast<size_t>(queue.pending[static_cast<size_t>(chosen)])].mtype))
      chosen = here;
  }
  return chosen;
}

bool walks_table(int cmd) {
  return cmd == IPC_INFO || cmd == MSG_INFO || cmd == MSG_STAT || cmd == MSG_STAT_ANY;
}

std::string compare_number(const char *field, unsigned long expected, unsigned long got) {
  if (expected == got) return "";
  return std::string("Expected ") + field + " to be " + std::to_string(expected) + ", got " + std::to_string(got);
}

std::string compare_stat(const ShadowQueue &queue, const msqid_ds &stat) {
  const std::string differences[] = {
      compare_number("msg_perm.mode", static_cast<unsigned>(queue.mode), stat.msg_perm.mode & 0777),
      compare_number("msg_perm.key", static_cast<unsigned>(queue.key), static_cast<unsigned>(stat.msg_perm.__key)),
      compare_number("msg_qnum", queue.pending.size(), stat.msg_qnum),
      compare_number("msg_cbytes", static_cast<unsigned long>(queue.cbytes), stat.__msg_cbytes),
      compare_number("msg_qbytes", static_cast<unsigned long>(queue.qbytes), stat.msg_qbytes),
  };
  for (const std::string &difference : differences) {
    if (!difference.empty()) return difference + " (queue " + std::to_string(queue.id) + ")";
  }
  return "";
}

}  // namespace

int Shadow::add_queue(int id, int key, int mode, const Credentials &owner, long qbytes) {
  ShadowQueue queue;
  queue.kind = ShadowObject::Queue;
  queue.id = id;
  queue.key = key;
  queue.mode = mode & 0777;
  queue.maker = queue.owner = owner;
  queue.qbytes = qbytes > 0 ? qbytes : limits_.msgmnb;
  queues_.push_back(std::move(queue));
  return static_cast<int>(queues_.size()) - 1;
}

int Shadow::add_message(int place, long mtype, std::string bytes) {
  ShadowQueue &queue = queues_[static_cast<size_t>(place)];
  ShadowMessage message;
  message.queue = place;
  message.mtype = mtype;
  message.bytes = std::move(bytes);
  queue.cbytes += static_cast<long>(message.bytes.size());
  messages_.push_back(std::move(message));
  queue.pending.push_back(static_cast<int>(messages_.size()) - 1);
  return queue.pending.back();
}

Prediction Shadow::predict_msgget(int key, int flags, const Credentials &caller) const {
  const int refusal = count_alive(queues_) >= limits_.msgmni ? ENOSPC : 0;
  return predict_get(
      queues_, key, flags, caller, [](const ShadowQueue &) { return 0; }, refusal);
}

Prediction Shadow::predict_msgsnd(int id, long mtype, size_t size, int flags, const Credentials &caller) const {
  if (size > static_cast<size_t>(limits_.msgmax) || mtype < 1) return failing(EINVAL);
  const int place = find_queue(id);
  if (place < 0) return failing(EINVAL);
  const ShadowQueue &queue = queues_[static_cast<size_t>(place)];
  if (!is_permitted(queue, kWriting, caller)) return failing(EACCES);
  // Messages are counted against qbytes too: so empty ones fill a queue.
  const bool fits = queue.cbytes + static_cast<long>(size) <= queue.qbytes &&
                    static_cast<long>(queue.pending.size()) + 1 <= queue.qbytes;
  if (fits) return returning(0);
  return flags & IPC_NOWAIT ? failing(EAGAIN) : blocking();
}

Prediction Shadow::predict_msgrcv(int id, size_t size, long msgtyp, int flags, const Credentials &caller) const {
  const int place = find_queue(id);
  if (static_cast<long>(size) < 0) return failing(EINVAL);
  if ((flags & MSG_COPY) && ((flags & MSG_EXCEPT) || !(flags & IPC_NOWAIT))) return failing(EINVAL);
  if (place < 0) return failing(EINVAL);
  const ShadowQueue &queue = queues_[static_cast<size_t>(place)];
  if (!is_permitted(queue, kReading, caller)) return failing(EACCES);
  const int chosen = choose(queue, messages_, Wanted(msgtyp, flags));
  if (chosen < 0) return flags & IPC_NOWAIT ? failing(ENOMSG) : blocking();
  const int message = queue.pending[static_cast<size_t>(chosen)];
  const size_t length = messages_[static_cast<size_t>(message)].bytes.size();
  if (length <= size) return returning(static_cast<long>(length), message);
  if (!(flags & MSG_NOERROR)) return failing(E2BIG);
  if (flags & MSG_COPY) return failing(EINVAL);  // a copy is never cut off
  return returning(static_cast<long>(size), message);
}

Prediction Shadow::predict_msgctl(int id, int cmd, const msqid_ds *set, const Credentials &caller) const {
  if (cmd != IPC_RMID && cmd != IPC_SET && cmd != IPC_STAT) return failing(EINVAL);
  const int place = find_queue(id);
  if (place < 0) return failing(EINVAL);
  const ShadowQueue &queue = queues_[static_cast<size_t>(place)];
  if (cmd == IPC_STAT) return is_permitted(queue, kReading, caller) ? returning(0) : failing(EACCES);
  if (!is_master(queue, caller)) return failing(EPERM);
  if (cmd == IPC_SET && set && !caller.privileged && set->msg_qbytes > static_cast<unsigned long>(limits_.msgmnb))
    return failing(EPERM);
  return returning(0);
}

std::string Shadow::commit_msgget(int process, int seq, int key, int flags, long result, int error, int *queue) {
  const Prediction expected = predict_msgget(key, flags, committer());
  *queue = -1;
  for (size_t i = 0; i < queues_.size(); i++) {
    if (key != IPC_PRIVATE && answers_to(queues_[i], key)) *queue = static_cast<int>(i);
  }
  const std::string difference =
      compare("msgget of key " + std::to_string(key), expected, result, error, is_sure(queues_, *queue), {ENOSPC});
  if (!difference.empty() || error || *queue >= 0) return difference;
  if (find_queue(static_cast<int>(result)) >= 0)
    return "Expected a new queue, got " + std::to_string(result) + " again";
  ShadowQueue made;
  made.kind = ShadowObject::Queue;
  note_creation(&made, process, seq, static_cast<int>(result), key, flags);
  made.qbytes = limits_.msgmnb;
  *queue = static_cast<int>(queues_.size());
  queues_.push_back(std::move(made));
  return "";
}

std::string Shadow::commit_msgsnd(int process, int seq, int id, long mtype, size_t size, std::string bytes, int flags,
                                  long result, int error, int *queue, int *message) {
  *message = -1;
  *queue = find_last(queues_, id);
  if (error == EIDRM && *queue >= 0 && !queues_[static_cast<size_t>(*queue)].alive) return "";
  const Prediction expected = predict_msgsnd(id, mtype, size, flags, committer());
  const std::string difference =
      compare(describe_call("msgsnd", id), expected, result, error, is_sure(queues_, *queue));
  if (!difference.empty() || error) return difference;
  if (bytes.size() != size)
    return "Expected the " + std::to_string(size) + " bytes of " + describe_call("msgsnd", id) + " to be known, got " +
           std::to_string(bytes.size());
  *message = add_message(*queue, mtype, std::move(bytes));
  messages_.back().sender = queues_[static_cast<size_t>(*queue)].last_sender = process;
  messages_.back().sent_at = seq;
  return "";
}

std::string Shadow::commit_msgrcv(int process, int seq, int id, size_t size, long msgtyp, int flags, long result,
                                  int error, long got_mtype, const std::string &got_bytes, int *queue, int *message) {
  *message = -1;
  *queue = find_last(queues_, id);
  if (error == EIDRM && *queue >= 0 && !queues_[static_cast<size_t>(*queue)].alive) return "";
  if (error == ENOSYS && (flags & MSG_COPY)) return "";  // a kernel without CONFIG_CHECKPOINT_RESTORE
  const Prediction expected = predict_msgrcv(id, size, msgtyp, flags, committer());
  const std::string difference =
      compare(describe_call("msgrcv", id), expected, result, error, is_sure(queues_, *queue));
  const bool lost = error == EFAULT && expected.message >= 0 && !(flags & MSG_COPY);
  if (!difference.empty() || (error && !lost)) return difference;

  *message = expected.message;
  ShadowMessage &got = messages_[static_cast<size_t>(*message)];
  if (!lost) {
    if (got.mtype != got_mtype)
      return "Expected " + describe_call("msgrcv", id) + " to get message " + std::to_string(*message) + " of type " +
             std::to_string(got.mtype) + ", got type " + std::to_string(got_mtype);
    if (got.bytes.compare(0, static_cast<size_t>(result), got_bytes) != 0)
      return "Expected " + describe_call("msgrcv", id) + " to get the bytes of message " + std::to_string(*message) +
             ", got others";
    if (flags & MSG_COPY) return "";
  }
  ShadowQueue &from = queues_[static_cast<size_t>(*queue)];
  for (size_t i = 0; i < from.pending.size(); i++) {
    if (from.pending[i] != *message) continue;
    from.pending.erase(from.pending.begin() + static_cast<long>(i));
    break;
  }
  from.cbytes -= static_cast<long>(got.bytes.size());
  from.last_receiver = process;
  (lost ? got.lost_at : got.received_at) = seq;
  if (!lost) got.receiver = process;
  return "";
}

std::string Shadow::commit_msgctl(int process, int seq, int id, int cmd, long result, int error,
                                  const msqid_ds *set_or_stat, int *queue) {
  if (walks_table(cmd)) {
    *queue = cmd == MSG_STAT || cmd == MSG_STAT_ANY ? find_queue(static_cast<int>(result)) : -1;
    return "";
  }
  *queue = find_last(queues_, id);
  const Prediction expected = predict_msgctl(id, cmd, cmd == IPC_SET ? set_or_stat : nullptr, committer());
  std::vector<int> believed;
  if (cmd == IPC_SET) believed = {EINVAL};  // an owner that the caller's user namespace does not know
  if (cmd == IPC_SET && committer().privileged) believed.push_back(EPERM);  // root need not have CAP_SYS_RESOURCE
  const std::string difference =
      compare(describe_call("msgctl", id), expected, result, error, is_sure(queues_, *queue), believed);
  if (!difference.empty() || error) return difference;
  ShadowQueue &object = queues_[static_cast<size_t>(*queue)];
  if (cmd == IPC_RMID) {
    object.alive = false;
    note_removal(&object, process, seq);
  } else if (cmd == IPC_STAT) {
    return set_or_stat ? compare_stat(object, *set_or_stat) : "";
  } else {
    if (!set_or_stat) return "Expected the value of IPC_SET to be readable, got nothing";
    set_permissions(&object, set_or_stat->msg_perm);
    object.qbytes = static_cast<long>(set_or_stat->msg_qbytes);
  }
  return "";
}

void Shadow::remove_queue(int queue, int seq) {
  queues_[static_cast<size_t>(queue)].alive = false;
  note_removal(&queues_[static_cast<size_t>(queue)], -1, seq);
}

}  // namespace ipclab
