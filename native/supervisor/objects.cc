#include "objects.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "fault.h"
#include "sandbox.h"

namespace ipclab {
namespace {

// Used identifiers of the namespace, as the *_INFO commands tell (msgctl(2), semctl(2), shmctl(2)).
long used_queues() {
  msginfo info{};
  msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds *>(&info));
  return info.msgpool;
}
long used_semaphores() {
  seminfo info{};
  semctl(0, 0, SEM_INFO, &info);
  return info.semusz;
}
long used_segments() {
  shm_info info{};
  shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds *>(&info));
  return info.used_ids;
}

template <class Object>
long count_alive(const std::vector<Object> &objects) {
  long alive = 0;
  for (const Object &object : objects) alive += object.alive;
  return alive;
}

void compare(const char *what, long kernel, long shadow) {
  if (kernel != shadow)
    throw Fault(std::string("The kernel and its shadow disagree at the end: ") + std::to_string(kernel) + " " + what +
                " are left, not " + std::to_string(shadow));
}

}  // namespace

std::unique_ptr<Shadow> create_objects(const Plan &plan) {
  Limits limits;
  if (plan.queue_bytes > 0) limits.msgmnb = plan.queue_bytes;
  auto shadow = std::make_unique<Shadow>(limits, Credentials{kStudentId, kStudentId, false});
  for (const Decoy &decoy : plan.decoys) {
    const int id = msgget(decoy.key, IPC_CREAT | IPC_EXCL | decoy.mode);
    if (id < 0) throw Fault("msgget for a decoy", errno);
    const int queue = shadow->add_queue(id, decoy.key, decoy.mode);
    for (const DecoyMessage &message : decoy.messages) {
      std::vector<char> buffer(sizeof(long) + message.data.size());
      memcpy(buffer.data(), &message.mtype, sizeof(long));
      memcpy(buffer.data() + sizeof(long), message.data.data(), message.data.size());
      if (msgsnd(id, buffer.data(), message.data.size(), IPC_NOWAIT) != 0) throw Fault("msgsnd for a decoy", errno);
      shadow->add_message(queue, message.mtype, message.data);
    }
  }
  return shadow;
}

void compare_with_kernel(const Shadow &shadow) {
  compare("queues", used_queues(), count_alive(shadow.queues()));
  compare("semaphore sets", used_semaphores(), count_alive(shadow.semaphores()));
  compare("segments", used_segments(), count_alive(shadow.segments()));
}

}  // namespace ipclab
