#include "kernel_worker.h"

#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

namespace {

constexpr int kPatienceMs = 3000;  // then a worker is believed stuck

long system_call_of(Request::Kind kind) {
  const long numbers[] = {SYS_msgget, SYS_msgsnd, SYS_msgrcv, SYS_msgctl, SYS_semget, SYS_semop,
                          SYS_semctl, SYS_shmget, SYS_shmat,  SYS_shmdt,  SYS_shmctl};
  return numbers[kind];
}

// Raw calls: the sanitizers look at buffers before libc's, and a bad pointer is meant.
Answer make_call(const Request &request) {
  Answer answer{};
  struct {
    long type;
    char bytes[kMostBytes];
  } message{};
  message.type = request.type;
  memcpy(message.bytes, request.bytes, kMostBytes);
  msqid_ds set = request.set;
  void *const buffer = request.bad_pointer ? nullptr : static_cast<void *>(&message);
  const long number = system_call_of(request.kind);
  switch (request.kind) {
    case Request::Msgsnd:
      answer.result = syscall(number, request.id, buffer, request.size, request.flags);
      break;
    case Request::Msgrcv:
      memset(&message, 0, sizeof(message));
      answer.result = syscall(number, request.id, buffer, request.size, request.type, request.flags);
      break;
    case Request::Msgctl:
      answer.result = syscall(number, request.id, request.cmd, request.bad_pointer ? nullptr : &set);
      break;
    case Request::Semop:
      answer.result = syscall(number, request.id, request.bad_pointer ? nullptr : request.operations, request.count);
      break;
    case Request::Semctl:
      if (request.cmd == SETALL) {
        answer.result = syscall(number, request.id, request.num, request.cmd, request.values);
      } else if (request.cmd == IPC_STAT) {
        semid_ds stat;
        answer.result = syscall(number, request.id, request.num, request.cmd, &stat);
      } else {
        answer.result = syscall(number, request.id, request.num, request.cmd, static_cast<long>(request.value));
      }
      break;
    case Request::Msgget:
      answer.result = syscall(number, request.key, request.flags);
      break;
    case Request::Semget:
      answer.result = syscall(number, request.key, request.count, request.flags);
      break;
    case Request::Shmget:
      answer.result = syscall(number, request.key, request.size, request.flags);
      break;
    case Request::Shmat:
      answer.result = syscall(number, request.id, nullptr, request.flags);
      break;
    case Request::Shmdt:
      answer.result = syscall(number, request.address);
      break;
    default: {
      shmid_ds stat;
      answer.result = syscall(number, request.id, request.cmd, &stat);
    }
  }
  answer.error = answer.result == -1 ? errno : 0;
  answer.type = message.type;
  memcpy(answer.bytes, message.bytes, kMostBytes);
  return answer;
}

void ignore_quietly(int) {}

void put_on(const ipclab::Credentials &caller) {
  if (geteuid() == 0 && !caller.privileged) {
    if (setgroups(0, nullptr) != 0 || setresgid(caller.gid, caller.gid, caller.gid) != 0 ||
        setresuid(caller.uid, caller.uid, caller.uid) != 0)
      _exit(98);
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // after the change of user, which would clear it
}

}  // namespace

Workers::Workers(int capacity, const ipclab::Credentials &caller)
    : pids_(static_cast<size_t>(capacity)), caller_(caller) {
  for (int i = 0; i < capacity; i++) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair");
    ours_.push_back(ends[0]);
    theirs_.push_back(ends[1]);
  }
}

Workers::~Workers() {
  for (pid_t pid : pids_) {
    if (pid <= 0) continue;
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }
  for (int descriptor : ours_) close(descriptor);
  for (int descriptor : theirs_) close(descriptor);
}

void Workers::serve(int worker) {
  struct sigaction action {};
  action.sa_handler = ignore_quietly;
  sigaction(SIGUSR1, &action, nullptr);
  int channel = theirs_[static_cast<size_t>(worker)];
  static Request request;
  for (;;) {
    if (read(channel, &request, sizeof(request)) != static_cast<ssize_t>(sizeof(request))) _exit(97);
    if (request.kind == Request::Exit) _exit(0);
    Answer answer{};
    if (request.kind == Request::Fork) {
      // The test's process is the parent, so that it can wait for the end.
      answer.result = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
      if (answer.result == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        channel = theirs_[static_cast<size_t>(request.child)];
        continue;
      }
    } else {
      answer = make_call(request);
    }
    if (write(channel, &answer, sizeof(answer)) != static_cast<ssize_t>(sizeof(answer))) _exit(97);
  }
}

void Workers::start(int worker) {
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("fork");
  if (pid == 0) {
    put_on(caller_);
    serve(worker);
  }
  pids_[static_cast<size_t>(worker)] = pid;
}

Answer Workers::ask(int worker, const Request &request) {
  if (write(ours_[static_cast<size_t>(worker)], &request, sizeof(request)) != static_cast<ssize_t>(sizeof(request)))
    throw std::runtime_error("asking a worker");
  const Answer answer = answer_of(worker);
  if (request.kind == Request::Fork) pids_[static_cast<size_t>(request.child)] = static_cast<pid_t>(answer.result);
  return answer;
}

Answer Workers::answer_of(int worker) {
  pollfd ready{ours_[static_cast<size_t>(worker)], POLLIN, 0};
  Answer answer{};
  if (poll(&ready, 1, kPatienceMs) != 1 ||
      read(ready.fd, &answer, sizeof(answer)) != static_cast<ssize_t>(sizeof(answer)))
    throw std::runtime_error("worker " + std::to_string(worker) + " does not answer");
  return answer;
}

bool Workers::sleep_in(int worker, const Request &request) {
  const int channel = ours_[static_cast<size_t>(worker)];
  if (write(channel, &request, sizeof(request)) != static_cast<ssize_t>(sizeof(request)))
    throw std::runtime_error("asking a worker");
  const std::string folder = "/proc/" + std::to_string(pid(worker));
  for (;;) {
    pollfd ready{channel, POLLIN, 0};
    if (poll(&ready, 1, 0) == 1) return false;
    // First the state, then the call, then the state: asleep throughout, and in this call.
    char states[2];
    long number = -1;
    for (char &state : states) {
      std::string line;
      std::getline(std::ifstream(folder + "/stat"), line);
      state = line.at(line.rfind(')') + 2);
      if (&state == states) std::ifstream(folder + "/syscall") >> number;
    }
    if (states[0] == 'S' && states[1] == 'S' && number == system_call_of(request.kind)) return true;
    sched_yield();
  }
}

void Workers::interrupt(int worker) {
  kill(pid(worker), SIGUSR1);
}

void Workers::end(int worker) {
  Request request{};
  request.kind = Request::Exit;
  if (write(ours_[static_cast<size_t>(worker)], &request, sizeof(request)) < 0)
    throw std::runtime_error("ending a worker");
  waitpid(pid(worker), nullptr, 0);
  pids_[static_cast<size_t>(worker)] = 0;
}
