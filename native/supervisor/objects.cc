#include "objects.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "calls.h"
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

// Ids of the objects of one kind. `highest`: index of the last slot of the kernel's table; `ask`: id in a slot, or -1.
template <class Ask>
std::vector<int> list_ids(int highest, Ask ask) {
  std::vector<int> found;
  for (int slot = 0; slot <= highest; slot++) {
    if (const int id = ask(slot); id >= 0) found.push_back(id);
  }
  return found;
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

Left take_what_is_left() {
  Left left;
  msginfo queues{};
  msqid_ds queue{};
  const int last = msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds *>(&queues));
  std::vector<char> buffer(sizeof(long) + kLongestMessage);
  for (const int id : list_ids(last, [&](int slot) { return msgctl(slot, MSG_STAT, &queue); })) {
    LeftQueue each;
    each.id = id;
    if (msgctl(id, IPC_STAT, &queue) == 0) {
      each.key = queue.msg_perm.__key;
      each.status = status_of(queue);
    }
    ssize_t got = 0;
    while ((got = msgrcv(id, buffer.data(), kLongestMessage, 0, IPC_NOWAIT)) >= 0) {
      long mtype = 0;
      memcpy(&mtype, buffer.data(), sizeof mtype);
      each.messages.push_back({mtype, std::string(buffer.data() + sizeof(long), static_cast<size_t>(got))});
    }
    left.queues.push_back(std::move(each));
  }
  seminfo sets{};
  semid_ds set{};
  left.semaphores = list_ids(semctl(0, 0, SEM_INFO, &sets), [&](int slot) { return semctl(slot, 0, SEM_STAT, &set); });
  shm_info segments{};
  shmid_ds segment{};
  left.segments = list_ids(shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds *>(&segments)),
                           [&](int slot) { return shmctl(slot, SHM_STAT, &segment); });
  return left;
}

QueueStatus status_of(const msqid_ds &stat) {
  return {static_cast<int>(stat.msg_perm.mode & 0777), static_cast<long>(stat.msg_qnum),
          static_cast<long>(stat.__msg_cbytes), static_cast<long>(stat.msg_qbytes)};
}

void compare_with_kernel(const Shadow &shadow) {
  compare("queues", used_queues(), count_alive(shadow.queues()));
  compare("semaphore sets", used_semaphores(), count_alive(shadow.semaphores()));
  compare("segments", used_segments(), count_alive(shadow.segments()));
}

}  // namespace ipclab
