// The parts of the shadow that queues, semaphore sets and segments share; each family has a file of its own.
#include "shadow.h"

#include <algorithm>

#include "base/errno_names.h"
#include "shadow_rules.h"

namespace ipclab {

bool is_permitted(const ShadowObject &object, int asked, const Credentials &caller) {
  if (caller.privileged || !object.permissions_known) return true;
  const int wanted = ((asked >> 6) | (asked >> 3) | asked) & 07;
  int granted = object.mode;
  if (caller.uid == object.maker.uid || caller.uid == object.owner.uid) {
    granted >>= 6;
  } else if (caller.gid == object.maker.gid || caller.gid == object.owner.gid) {
    granted >>= 3;
  }
  return (wanted & ~granted) == 0;
}

bool is_master(const ShadowObject &object, const Credentials &caller) {
  return caller.privileged || !object.permissions_known || caller.uid == object.maker.uid ||
         caller.uid == object.owner.uid;
}

void set_permissions(ShadowObject *object, const ipc_perm &set) {
  object->mode = static_cast<int>(set.mode & 0777);
  object->owner.uid = set.uid;
  object->owner.gid = set.gid;
}

std::string describe_call(const char *name, int id) {
  return std::string(name) + "(" + std::to_string(id) + ")";
}

std::string compare(const std::string &call, const Prediction &expected, long result, int error, bool sure,
                    const std::vector<int> &believed) {
  if (error == EFAULT || error == ENOMEM || error == EINTR) return "";
  if (!sure && (error == EACCES || error == EPERM)) return "";
  if (std::find(believed.begin(), believed.end(), error) != believed.end()) return "";
  const bool made = !expected.error && expected.result == -1 && result >= 0;
  if (!expected.blocks && error == expected.error && (error || made || result == expected.result)) return "";
  std::string text = "Expected " + call + " to ";
  if (expected.blocks) {
    text += "block";
  } else if (expected.error) {
    text += std::string("fail with ") + errno_name(expected.error);
  } else if (expected.result == -1) {
    text += "make a new object";
  } else {
    text += "return " + std::to_string(expected.result);
  }
  return text + ", got " + (error ? errno_name(error) : std::to_string(result));
}

Shadow::Shadow(const Limits &limits, std::optional<Credentials> caller) : limits_(limits), caller_(caller) {}

int Shadow::find_queue(int id) const {
  return find_alive(queues_, id);
}
int Shadow::find_segment(int id) const {
  return find_alive(segments_, id);
}
int Shadow::find_semaphores(int id) const {
  return find_alive(semaphores_, id);
}

void Shadow::note_creation(ShadowObject *object, int process, int seq, int id, int key, int flags) const {
  object->id = id;
  object->key = key;
  object->mode = flags & 0777;
  object->maker = object->owner = committer();
  object->permissions_known = caller_.has_value();
  object->creator = process;
  object->created_at = seq;
}

void Shadow::note_removal(ShadowObject *object, int process, int seq) {
  if (object->removed_at >= 0) return;  // a doomed segment can be removed again
  object->remover = process;
  object->removed_at = seq;
}

void Shadow::on_fork(int parent, int child) {
  for (ShadowSegment &segment : segments_) {
    for (size_t i = 0, inherited = segment.attached.size(); i < inherited; i++) {
      if (segment.attached[i].first == parent) segment.attached.push_back({child, segment.attached[i].second});
    }
  }
}

void Shadow::on_exec(int process) {
  for (ShadowSegment &segment : segments_) {
    for (size_t i = segment.attached.size(); i-- > 0;) {
      if (segment.attached[i].first == process) detach(&segment, i);
    }
  }
}

void Shadow::on_exit(int process) {
  undo_operations(process);
  on_exec(process);
}

}  // namespace ipclab
