// Shared memory segments of the shadow: shmget(2), shmop(2), shmctl(2). What is in them is nobody's business here.
#include <sys/shm.h>

#include <algorithm>

#include "shadow.h"
#include "shadow_rules.h"

namespace ipclab {
namespace {

constexpr int kReading = 0444, kWriting = 0222, kExecuting = 0111;

bool walks_table(int cmd) {
  return cmd == IPC_INFO || cmd == SHM_INFO || cmd == SHM_STAT || cmd == SHM_STAT_ANY;
}

}  // namespace

Prediction Shadow::predict_shmget(int key, size_t size, int flags, const Credentials &caller) const {
  const auto misfit = [&](const ShadowSegment &segment) { return size > segment.size ? EINVAL : 0; };
  int refusal = count_alive(segments_) >= limits_.shmmni ? ENOSPC : 0;
  if (size < 1 || size > limits_.shmmax) refusal = EINVAL;
  return predict_get(segments_, key, flags, caller, misfit, refusal);
}

Prediction Shadow::predict_shmat(int id, int flags, const Credentials &caller) const {
  const int place = find_segment(id);
  if (place < 0) return failing(EINVAL);
  const int asked = kReading | (flags & SHM_RDONLY ? 0 : kWriting) | (flags & SHM_EXEC ? kExecuting : 0);
  return is_permitted(segments_[static_cast<size_t>(place)], asked, caller) ? returning(-1) : failing(EACCES);
}

Prediction Shadow::predict_shmctl(int id, int cmd, const Credentials &caller) const {
  const bool known = cmd == IPC_RMID || cmd == IPC_SET || cmd == IPC_STAT || cmd == SHM_LOCK || cmd == SHM_UNLOCK;
  const int place = find_segment(id);
  if (!known || place < 0) return failing(EINVAL);
  const ShadowSegment &segment = segments_[static_cast<size_t>(place)];
  if (cmd == IPC_STAT) return is_permitted(segment, kReading, caller) ? returning(0) : failing(EACCES);
  return is_master(segment, caller) ? returning(0) : failing(EPERM);
}

std::string Shadow::commit_shmget(int process, int seq, int key, size_t size, int flags, long result, int error,
                                  int *segment) {
  const Prediction expected = predict_shmget(key, size, flags, committer());
  *segment = -1;
  for (size_t i = 0; i < segments_.size(); i++) {
    if (key != IPC_PRIVATE && answers_to(segments_[i], key)) *segment = static_cast<int>(i);
  }
  std::vector<int> believed = {ENOSPC};
  if (flags & SHM_HUGETLB) believed = {ENOSPC, EINVAL, EPERM, ENOSYS};  // depends on the machine's huge pages
  const std::string difference =
      compare("shmget of key " + std::to_string(key), expected, result, error, is_sure(segments_, *segment), believed);
  if (!difference.empty() || error || *segment >= 0) return difference;
  if (find_segment(static_cast<int>(result)) >= 0)
    return "Expected a new segment, got " + std::to_string(result) + " again";
  ShadowSegment made;
  made.kind = ShadowObject::Segment;
  note_creation(&made, process, seq, static_cast<int>(result), key, flags);
  made.size = size;
  *segment = static_cast<int>(segments_.size());
  segments_.push_back(std::move(made));
  return "";
}

std::string Shadow::commit_shmat(int process, int, int id, int flags, long result, int error, int *segment) {
  *segment = find_last(segments_, id);
  if (error == EIDRM && *segment >= 0 && !segments_[static_cast<size_t>(*segment)].alive) return "";
  // EINVAL: the address that was asked for; EACCES: a mapping that is executable where none may be.
  const std::vector<int> believed =
      flags & SHM_EXEC ? std::vector<int>{EINVAL, EACCES, EPERM} : std::vector<int>{EINVAL};
  const std::string difference = compare(describe_call("shmat", id), predict_shmat(id, flags, committer()), result,
                                         error, is_sure(segments_, *segment), believed);
  if (!difference.empty() || error) return difference;
  segments_[static_cast<size_t>(*segment)].attached.push_back({process, result});
  return "";
}

// User space can move and drop mappings without a call that is seen: so what the kernel says of an address is believed.
std::string Shadow::commit_shmdt(int process, int, long address, long result, int error, int *segment) {
  *segment = -1;
  if (error ? error != EINVAL : result != 0)
    return "Expected shmdt to return 0 or fail with EINVAL, got " + std::to_string(error ? error : result);
  for (size_t place = segments_.size(); place-- > 0;) {
    ShadowSegment &candidate = segments_[place];
    const auto found =
        std::find(candidate.attached.begin(), candidate.attached.end(), std::make_pair(process, address));
    if (found == candidate.attached.end()) continue;
    *segment = static_cast<int>(place);
    detach(&candidate, static_cast<size_t>(found - candidate.attached.begin()));
    break;
  }
  return "";
}

std::string Shadow::commit_shmctl(int process, int seq, int id, int cmd, long result, int error, int *segment,
                                  const shmid_ds *set_or_stat) {
  if (walks_table(cmd)) {
    *segment = cmd == SHM_STAT || cmd == SHM_STAT_ANY ? find_segment(static_cast<int>(result)) : -1;
    return "";
  }
  *segment = find_last(segments_, id);
  const Prediction expected = predict_shmctl(id, cmd, committer());
  const bool may_be_gone = *segment >= 0 && segments_[static_cast<size_t>(*segment)].doomed && !expected.error;
  if (may_be_gone && (error == EINVAL || error == EIDRM)) {  // the last mapping went unseen
    segments_[static_cast<size_t>(*segment)].alive = false;
    return "";
  }
  std::vector<int> believed;
  if (cmd == IPC_SET) believed = {EINVAL};
  if (cmd == SHM_LOCK || cmd == SHM_UNLOCK) believed = {EPERM};  // RLIMIT_MEMLOCK
  const std::string difference = compare(describe_call("shmctl", id), predict_shmctl(id, cmd, committer()), result,
                                         error, is_sure(segments_, *segment), believed);
  if (!difference.empty() || error) return difference;

  ShadowSegment &object = segments_[static_cast<size_t>(*segment)];
  if (cmd == IPC_RMID) {
    note_removal(&object, process, seq);
    object.doomed = true;
    object.alive = !object.attached.empty();
  } else if (cmd == IPC_SET) {
    if (set_or_stat) {
      set_permissions(&object, set_or_stat->shm_perm);
    } else {
      object.permissions_known = false;
    }
  } else if (cmd == IPC_STAT && set_or_stat) {
    if (set_or_stat->shm_nattch != object.attached.size())
      return "Expected shm_nattch of segment " + std::to_string(id) + " to be " +
             std::to_string(object.attached.size()) + ", got " + std::to_string(set_or_stat->shm_nattch);
    if (set_or_stat->shm_segsz != object.size || static_cast<int>(set_or_stat->shm_perm.mode & 0777) != object.mode)
      return "Expected segment " + std::to_string(id) + " to have the size and mode of the shadow, got others";
  }
  return "";
}

void Shadow::detach(ShadowSegment *segment, size_t attachment) {
  segment->attached.erase(segment->attached.begin() + static_cast<long>(attachment));
  if (segment->doomed && segment->attached.empty()) segment->alive = false;
}

}  // namespace ipclab
