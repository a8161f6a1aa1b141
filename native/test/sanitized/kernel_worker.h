// Processes that make System V calls on demand: so a test has real callers with identities, SEM_UNDO and attachments of
// their own.
#pragma once
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/types.h>

#include <vector>

#include "supervisor/shadow.h"

constexpr size_t kMostBytes = 256, kMostOperations = 8, kMostValues = 8;

struct Request {
  enum Kind { Msgget, Msgsnd, Msgrcv, Msgctl, Semget, Semop, Semctl, Shmget, Shmat, Shmdt, Shmctl, Fork, Exit } kind;
  int id, key, flags, cmd, num, value, count;
  size_t size;
  long type, address;
  bool bad_pointer;  // where the call takes a buffer
  int child;         // Fork: the place of the new worker
  char bytes[kMostBytes];
  sembuf operations[kMostOperations];
  unsigned short values[kMostValues];
  msqid_ds set;
};

struct Answer {
  long result;
  int error;
  long type;
  char bytes[kMostBytes];
};

class Workers {
 public:
  // Places for that many, each a process with `caller`'s rights once it is started.
  Workers(int capacity, const ipclab::Credentials &caller);
  ~Workers();
  Workers(const Workers &) = delete;
  Workers &operator=(const Workers &) = delete;

  void start(int worker);
  Answer ask(int worker, const Request &request);
  // In two halves, with the call asleep in the kernel between. `sleep_in` answers false if it did not fall asleep.
  bool sleep_in(int worker, const Request &request);
  Answer answer_of(int worker);
  void interrupt(int worker);  // a handler runs
  // Ends and waits for it: what its end does to the objects is done.
  void end(int worker);
  bool is_running(int worker) const { return pids_[static_cast<size_t>(worker)] > 0; }
  pid_t pid(int worker) const { return pids_[static_cast<size_t>(worker)]; }

 private:
  [[noreturn]] void serve(int worker);
  std::vector<int> ours_, theirs_;  // ends of their channels
  std::vector<pid_t> pids_;
  ipclab::Credentials caller_;
};
