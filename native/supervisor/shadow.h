// What the kernel's System V objects of one run must look like, worked out from the calls alone: no system calls here.
//
// The supervisor asks before it lets a held call go (`predict_*`: would it block, fail, or succeed, and with which
// message), and tells what the kernel then answered (`commit_*`). A commit answers "" or a sentence that says how the
// two differ, which is a fault of ours. Commits judge with the credentials given to the constructor; without any,
// EACCES and EPERM are believed.
//
// Places in `queues()`, `segments()`, `semaphores()` and `messages()` are identities and never reused, while the
// kernel's ids may be. Out-parameters of commits get such a place, or -1: the living object of that id, else the last
// that had it.
#pragma once
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

struct shmid_ds;

namespace ipclab {

// Of the IPC namespace; the kernel's defaults.
struct Limits {
  long msgmax = 8192, msgmnb = 16384, msgmni = 32000;                      // /proc/sys/kernel/msg*
  long semmsl = 32000, semmns = 1024000000, semopm = 500, semmni = 32000;  // /proc/sys/kernel/sem
  size_t shmmax = 18446744073692774399UL;                                  // /proc/sys/kernel/shm*
  long shmmni = 4096;
};

// Who calls. `privileged`: has CAP_IPC_OWNER, CAP_SYS_ADMIN and CAP_SYS_RESOURCE. Supplementary groups are not
// modelled.
struct Credentials {
  uid_t uid = 0;
  gid_t gid = 0;
  bool privileged = true;
};

struct Prediction {
  bool blocks = false;
  long result =
      0;          // meaningless if it blocks or fails; -1 without an error: an object will be made, the kernel names it
  int error = 0;  // errno, or 0
  int message = -1;  // that a receive gets or a copy shows
};

struct SemOp {
  int num, op, flags;
};

struct ShadowMessage {
  int queue = -1;
  long mtype = 0;
  std::string bytes;
  int sender = -1, receiver = -1;      // processes; -1: the scenario, nobody
  int sent_at = -1, received_at = -1;  // event seqs
  int lost_at = -1;                    // a receive failed with EFAULT and destroyed it
};

struct ShadowObject {
  enum Kind { Queue, Segment, Semaphores } kind = Queue;
  int id = -1, key = 0;      // key: 0 for IPC_PRIVATE
  int mode = 0;              // permission bits
  Credentials maker, owner;  // cuid, cgid; uid, gid
  bool permissions_known = true;
  int creator = -1, remover = -1;
  int created_at = -1, removed_at = -1;
  bool alive = true;
};

struct ShadowQueue : ShadowObject {
  long qbytes = 0, cbytes = 0;
  std::vector<int> pending;  // places in messages(), in queue order; kept when the queue is removed
  int last_sender = -1, last_receiver = -1;
};

struct ShadowSemaphores : ShadowObject {
  std::vector<int> values;
  std::vector<int> last_process;                // who changed each value last
  std::map<int, std::vector<int>> adjustments;  // SEM_UNDO: process -> what its exit adds to each value
};

struct ShadowSegment : ShadowObject {
  size_t size = 0;
  bool doomed = false;                         // removed while attached: alive until the last detach
  std::vector<std::pair<int, long>> attached;  // process, address
};

class Shadow {
 public:
  explicit Shadow(const Limits &limits, std::optional<Credentials> caller = std::nullopt);

  const std::vector<ShadowQueue> &queues() const { return queues_; }
  const std::vector<ShadowSegment> &segments() const { return segments_; }
  const std::vector<ShadowSemaphores> &semaphores() const { return semaphores_; }
  const std::vector<ShadowMessage> &messages() const { return messages_; }

  // The living object with that kernel id, or -1.
  int find_queue(int id) const;
  int find_segment(int id) const;
  int find_semaphores(int id) const;

  // Put there by the scenario. `qbytes` 0: the namespace's msgmnb. Answers the new place.
  int add_queue(int id, int key, int mode, const Credentials &owner = {}, long qbytes = 0);
  int add_message(int queue, long mtype, std::string bytes);
  // Removed by the scenario.
  void remove_queue(int queue, int seq);

  // Would this call block, fail or succeed now? `flags` as given to the system call. EFAULT, ENOMEM and EINTR cannot be
  // known.
  Prediction predict_msgget(int key, int flags, const Credentials &caller) const;
  Prediction predict_msgsnd(int id, long mtype, size_t size, int flags, const Credentials &caller) const;
  Prediction predict_msgrcv(int id, size_t size, long msgtyp, int flags, const Credentials &caller) const;
  // `set`: of IPC_SET; null: its value is taken to be allowed.
  Prediction predict_msgctl(int id, int cmd, const msqid_ds *set, const Credentials &caller) const;
  Prediction predict_semget(int key, int count, int flags, const Credentials &caller) const;
  Prediction predict_semop(int id, const std::vector<SemOp> &operations, int process, const Credentials &caller) const;
  // `value` of SETVAL, `values` of SETALL.
  Prediction predict_semctl(int id, int num, int cmd, int value, const std::vector<unsigned short> &values,
                            const Credentials &caller) const;
  Prediction predict_shmget(int key, size_t size, int flags, const Credentials &caller) const;
  Prediction predict_shmat(int id, int flags, const Credentials &caller) const;
  Prediction predict_shmctl(int id, int cmd, const Credentials &caller) const;

  // The kernel has answered, with `result`, or with -1 and `error`. Errors that nobody can foresee are believed, with
  // what they do in the kernel. Commands that walk the kernel's table (MSG_STAT, IPC_INFO …) are believed altogether.
  std::string commit_msgget(int process, int seq, int key, int flags, long result, int error, int *queue);
  // `size` as given to the call; `bytes` may be empty where the call failed and they were not to be read.
  std::string commit_msgsnd(int process, int seq, int id, long mtype, size_t size, std::string bytes, int flags,
                            long result, int error, int *queue, int *message);
  std::string commit_msgrcv(int process, int seq, int id, size_t size, long msgtyp, int flags, long result, int error,
                            long got_mtype, const std::string &got_bytes, int *queue, int *message);
  // `set_or_stat`: what IPC_SET was given (needed), or what IPC_STAT has written (compared, where given).
  std::string commit_msgctl(int process, int seq, int id, int cmd, long result, int error, const msqid_ds *set_or_stat,
                            int *queue);
  std::string commit_semget(int process, int seq, int key, int count, int flags, long result, int error,
                            int *semaphores);
  std::string commit_semop(int process, int seq, int id, const std::vector<SemOp> &operations, long result, int error,
                           int *semaphores);
  // `values`: what SETALL was given (needed), or what GETALL has written (compared, if not empty). `set`: of IPC_SET;
  // without it the permissions of that object are believed unknown from then on.
  std::string commit_semctl(int process, int seq, int id, int num, int cmd, int value,
                            const std::vector<unsigned short> &values, long result, int error, int *semaphores,
                            const ipc_perm *set = nullptr);
  std::string commit_shmget(int process, int seq, int key, size_t size, int flags, long result, int error,
                            int *segment);
  std::string commit_shmat(int process, int seq, int id, int flags, long result, int error, int *segment);
  std::string commit_shmdt(int process, int seq, long address, long result, int error, int *segment);
  // `set_or_stat`: as for messages. Where the number of attachments is compared, remember that munmap(2) and mremap(2)
  // of a segment are not seen.
  std::string commit_shmctl(int process, int seq, int id, int cmd, long result, int error, int *segment,
                            const shmid_ds *set_or_stat = nullptr);

  // A fork copies the parent's attachments (not with CLONE_VM), execve drops them, an exit does too and applies
  // SEM_UNDO.
  void on_fork(int parent, int child);
  void on_exec(int process);
  void on_exit(int process);

 private:
  // The caller that commits judge by, and whether its permissions for this object are known at all.
  Credentials committer() const { return caller_.value_or(Credentials()); }
  template <class Object>
  bool is_sure(const std::vector<Object> &objects, int place) const {
    return caller_ && (place < 0 || objects[static_cast<size_t>(place)].permissions_known);
  }
  void note_creation(ShadowObject *object, int process, int seq, int id, int key, int flags) const;
  static void note_removal(ShadowObject *object, int process, int seq);
  static void detach(ShadowSegment *segment, size_t attachment);
  void undo_operations(int process);

  Limits limits_;
  std::optional<Credentials> caller_;
  std::vector<ShadowQueue> queues_;
  std::vector<ShadowSegment> segments_;
  std::vector<ShadowSemaphores> semaphores_;
  std::vector<ShadowMessage> messages_;
};

}  // namespace ipclab
