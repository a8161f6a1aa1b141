// What the three families of System V objects have in common (svipc(7)); inside the shadow only.
#pragma once
#include <cerrno>
#include <string>
#include <vector>

#include "shadow.h"

namespace ipclab {

// Permission bits asked for, anywhere in the nine, are granted by the bits of the class that the caller is in.
bool is_permitted(const ShadowObject &object, int asked, const Credentials &caller);

// May remove and change it: its owner, its maker, or CAP_SYS_ADMIN.
bool is_master(const ShadowObject &object, const Credentials &caller);

// Owner and permission bits after IPC_SET.
void set_permissions(ShadowObject *object, const ipc_perm &set);

// "Expected msgrcv(32768) to fail with ENOMSG, got 5", or "" if the kernel did as foreseen or nobody could have
// foreseen it. `sure`: permissions are known. `believed`: further errors that this call may give for reasons outside
// the shadow.
std::string compare(const std::string &call, const Prediction &expected, long result, int error, bool sure,
                    const std::vector<int> &believed = {});

std::string describe_call(const char *name, int id);

inline Prediction failing(int error) {
  Prediction prediction;
  prediction.result = -1;
  prediction.error = error;
  return prediction;
}

inline Prediction blocking() {
  Prediction prediction;
  prediction.blocks = true;
  return prediction;
}

inline Prediction returning(long result, int message = -1) {
  Prediction prediction;
  prediction.result = result;
  prediction.message = message;
  return prediction;
}

template <class Object>
int find_alive(const std::vector<Object> &objects, int id) {
  for (size_t i = objects.size(); i-- > 0;) {
    if (objects[i].alive && objects[i].id == id) return static_cast<int>(i);
  }
  return -1;
}

// The living one, else the last that had this id.
template <class Object>
int find_last(const std::vector<Object> &objects, int id) {
  const int alive = find_alive(objects, id);
  if (alive >= 0) return alive;
  for (size_t i = objects.size(); i-- > 0;) {
    if (objects[i].id == id) return static_cast<int>(i);
  }
  return -1;
}

template <class Object>
long count_alive(const std::vector<Object> &objects) {
  long count = 0;
  for (const Object &object : objects) count += object.alive;
  return count;
}

// A segment that was removed while attached has lost its key.
inline bool answers_to(const ShadowObject &object, int key) {
  return object.alive && object.key == key;
}
inline bool answers_to(const ShadowSegment &segment, int key) {
  return segment.alive && !segment.doomed && segment.key == key;
}

// The common part of msgget, semget and shmget. `misfit` tells the errno of asking for more than an existing object
// has, `refusal` that of making one; 0: none.
template <class Object, class Misfit>
Prediction predict_get(const std::vector<Object> &objects, int key, int flags, const Credentials &caller, Misfit misfit,
                       int refusal) {
  for (const Object &object : objects) {
    if (key == IPC_PRIVATE || !answers_to(object, key)) continue;
    if ((flags & IPC_CREAT) && (flags & IPC_EXCL)) return failing(EEXIST);
    if (const int error = misfit(object)) return failing(error);
    return is_permitted(object, flags, caller) ? returning(object.id) : failing(EACCES);
  }
  if (key != IPC_PRIVATE && !(flags & IPC_CREAT)) return failing(ENOENT);
  return refusal ? failing(refusal) : returning(-1);
}

}  // namespace ipclab
