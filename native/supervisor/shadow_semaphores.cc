// Semaphore sets of the shadow: semget(2), semop(2), semctl(2).
#include <sys/sem.h>

#include <algorithm>

#include "shadow.h"
#include "shadow_rules.h"

namespace ipclab {
namespace {

constexpr int kReading = 0444, kAltering = 0222;
constexpr int kHighest = 32767;            // SEMVMX, of a value
constexpr int kLowestAdjustment = -32768;  // -SEMAEM - 1

bool walks_table(int cmd) {
  return cmd == IPC_INFO || cmd == SEM_INFO || cmd == SEM_STAT || cmd == SEM_STAT_ANY;
}

const std::vector<int> *adjustments_of(const ShadowSemaphores &set, int process) {
  const auto found = set.adjustments.find(process);
  return found == set.adjustments.end() ? nullptr : &found->second;
}

// Makes the operations one after the other on copies; the kernel makes all or none.
Prediction operate(const std::vector<SemOp> &operations, std::vector<int> *values, std::vector<int> *adjustments) {
  for (const SemOp &operation : operations) {
    int &value = (*values)[static_cast<size_t>(operation.num)];
    const int after = value + operation.op;
    if (after < 0 || (operation.op == 0 && value != 0))
      return operation.flags & IPC_NOWAIT ? failing(EAGAIN) : blocking();
    if (after > kHighest) return failing(ERANGE);
    if (operation.flags & SEM_UNDO) {
      int &adjustment = (*adjustments)[static_cast<size_t>(operation.num)];
      adjustment -= operation.op;
      if (adjustment < kLowestAdjustment || adjustment > kHighest) return failing(ERANGE);
    }
    value = after;
  }
  return returning(0);
}

}  // namespace

Prediction Shadow::predict_semget(int key, int count, int flags, const Credentials &caller) const {
  if (count < 0 || count > limits_.semmsl) return failing(EINVAL);
  long semaphores = count;
  for (const ShadowSemaphores &set : semaphores_) semaphores += set.alive ? static_cast<long>(set.values.size()) : 0;
  const bool full = semaphores > limits_.semmns || count_alive(semaphores_) >= limits_.semmni;
  const auto misfit = [&](const ShadowSemaphores &set) {
    return static_cast<size_t>(count) > set.values.size() ? EINVAL : 0;
  };
  return predict_get(semaphores_, key, flags, caller, misfit, count == 0 ? EINVAL : full ? ENOSPC : 0);
}

Prediction Shadow::predict_semop(int id, const std::vector<SemOp> &operations, int process,
                                 const Credentials &caller) const {
  if (operations.size() > static_cast<size_t>(limits_.semopm)) return failing(E2BIG);
  const int place = find_semaphores(id);
  if (operations.empty() || place < 0) return failing(EINVAL);
  const ShadowSemaphores &set = semaphores_[static_cast<size_t>(place)];
  bool alters = false;
  for (const SemOp &operation : operations) {
    if (static_cast<size_t>(operation.num) >= set.values.size()) return failing(EFBIG);
    alters = alters || operation.op != 0;
  }
  if (!is_permitted(set, alters ? kAltering : kReading, caller)) return failing(EACCES);
  std::vector<int> values = set.values, adjustments(values.size());
  if (const std::vector<int> *own = adjustments_of(set, process)) adjustments = *own;
  return operate(operations, &values, &adjustments);
}

Prediction Shadow::predict_semctl(int id, int num, int cmd, int value, const std::vector<unsigned short> &values,
                                  const Credentials &caller) const {
  if (id >= 0 && cmd == SETVAL && (value < 0 || value > kHighest)) return failing(ERANGE);
  const bool known = cmd == GETVAL || cmd == GETPID || cmd == GETNCNT || cmd == GETZCNT || cmd == GETALL ||
                     cmd == SETVAL || cmd == SETALL || cmd == IPC_RMID || cmd == IPC_SET || cmd == IPC_STAT;
  const int place = find_semaphores(id);
  if (!known || place < 0) return failing(EINVAL);
  const ShadowSemaphores &set = semaphores_[static_cast<size_t>(place)];
  if (cmd == IPC_RMID || cmd == IPC_SET) return is_master(set, caller) ? returning(0) : failing(EPERM);
  const bool has_number = num >= 0 && static_cast<size_t>(num) < set.values.size();
  if (cmd == SETVAL && !has_number) return failing(EINVAL);
  if (!is_permitted(set, cmd == SETVAL || cmd == SETALL ? kAltering : kReading, caller)) return failing(EACCES);
  if (cmd == SETALL)
    return std::any_of(values.begin(), values.end(), [](int one) { return one > kHighest; }) ? failing(ERANGE)
                                                                                             : returning(0);
  if (cmd == GETALL || cmd == IPC_STAT || cmd == SETVAL) return returning(0);
  if (!has_number) return failing(EINVAL);
  return returning(cmd == GETVAL ? set.values[static_cast<size_t>(num)] : 0);
}

std::string Shadow::commit_semget(int process, int seq, int key, int count, int flags, long result, int error,
                                  int *semaphores) {
  const Prediction expected = predict_semget(key, count, flags, committer());
  *semaphores = -1;
  for (size_t i = 0; i < semaphores_.size(); i++) {
    if (key != IPC_PRIVATE && answers_to(semaphores_[i], key)) *semaphores = static_cast<int>(i);
  }
  const std::string difference = compare("semget of key " + std::to_string(key), expected, result, error,
                                         is_sure(semaphores_, *semaphores), {ENOSPC});
  if (!difference.empty() || error || *semaphores >= 0) return difference;
  if (find_semaphores(static_cast<int>(result)) >= 0)
    return "Expected a new semaphore set, got " + std::to_string(result) + " again";
  ShadowSemaphores made;
  made.kind = ShadowObject::Semaphores;
  note_creation(&made, process, seq, static_cast<int>(result), key, flags);
  made.values.resize(static_cast<size_t>(count));
  made.last_process.resize(static_cast<size_t>(count), -1);
  *semaphores = static_cast<int>(semaphores_.size());
  semaphores_.push_back(std::move(made));
  return "";
}

std::string Shadow::commit_semop(int process, int, int id, const std::vector<SemOp> &operations, long result, int error,
                                 int *semaphores) {
  *semaphores = find_last(semaphores_, id);
  if (error == EIDRM && *semaphores >= 0 && !semaphores_[static_cast<size_t>(*semaphores)].alive) return "";
  const Prediction expected = predict_semop(id, operations, process, committer());
  if (error == EAGAIN && expected.blocks) return "";  // semtimedop: its time was over
  // EINVAL: semtimedop with a bad time. E2BIG: so many operations that nobody has read them.
  const std::string difference =
      compare(describe_call("semop", id), expected, result, error, is_sure(semaphores_, *semaphores), {EINVAL, E2BIG});
  if (!difference.empty() || error) return difference;
  ShadowSemaphores &set = semaphores_[static_cast<size_t>(*semaphores)];
  std::vector<int> adjustments(set.values.size());
  if (const std::vector<int> *own = adjustments_of(set, process)) adjustments = *own;
  operate(operations, &set.values, &adjustments);
  set.adjustments[process] = std::move(adjustments);
  for (const SemOp &operation : operations) set.last_process[static_cast<size_t>(operation.num)] = process;
  return "";
}

std::string Shadow::commit_semctl(int process, int seq, int id, int num, int cmd, int value,
                                  const std::vector<unsigned short> &values, long result, int error, int *semaphores,
                                  const ipc_perm *set) {
  if (walks_table(cmd)) {
    *semaphores = cmd == SEM_STAT || cmd == SEM_STAT_ANY ? find_semaphores(static_cast<int>(result)) : -1;
    return "";
  }
  *semaphores = find_last(semaphores_, id);
  Prediction expected = predict_semctl(id, num, cmd, value, values, committer());
  // Pids are not known here, and how many sleep in the kernel is the supervisor's doing.
  const bool foreign = cmd == GETPID || cmd == GETNCNT || cmd == GETZCNT;
  if (foreign && !expected.error && !error) expected.result = result;
  std::vector<int> believed;
  if (cmd == IPC_SET) believed = {EINVAL};                   // an owner that the caller's user namespace does not know
  if (cmd == SETALL && values.empty()) believed = {ERANGE};  // what it was given was not to be read
  const std::string difference =
      compare(describe_call("semctl", id), expected, result, error, is_sure(semaphores_, *semaphores), believed);
  if (!difference.empty() || error) return difference;

  ShadowSemaphores &object = semaphores_[static_cast<size_t>(*semaphores)];
  if (cmd == IPC_RMID) {
    object.alive = false;
    object.adjustments.clear();
    note_removal(&object, process, seq);
  } else if (cmd == IPC_SET) {
    if (set) {
      set_permissions(&object, *set);
    } else {
      object.permissions_known = false;
    }
  } else if (cmd == SETVAL) {
    object.values[static_cast<size_t>(num)] = value;
    object.last_process[static_cast<size_t>(num)] = process;
    for (auto &one : object.adjustments) one.second[static_cast<size_t>(num)] = 0;
  } else if (cmd == SETALL || (cmd == GETALL && !values.empty())) {
    const std::vector<int> given(values.begin(), values.end());
    if (given.size() != object.values.size())
      return "Expected " + std::to_string(object.values.size()) + " values of semaphores, got " +
             std::to_string(given.size());
    if (cmd == GETALL)
      return given == object.values ? "" : "Expected GETALL to tell the values of the shadow, got others";
    object.values = given;
    object.adjustments.clear();
    std::fill(object.last_process.begin(), object.last_process.end(), process);
  }
  return "";
}

void Shadow::undo_operations(int process) {
  for (ShadowSemaphores &set : semaphores_) {
    const auto found = set.adjustments.find(process);
    if (found == set.adjustments.end()) continue;
    for (size_t i = 0; i < set.values.size(); i++) {
      if (found->second[i] == 0) continue;
      set.values[i] = std::clamp(set.values[i] + found->second[i], 0, kHighest);
      set.last_process[i] = process;
    }
    set.adjustments.erase(found);
  }
}

}  // namespace ipclab
