// Guests of sandbox_test.cc: small functions that run confined, in a run's namespaces, under a tracer that only writes
// down which calls it was shown. Each test runs as root, and again as an ordinary user in a user namespace.
#pragma once
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "check.h"
#include "supervisor/fault.h"
#include "supervisor/namespace.h"
#include "supervisor/sandbox.h"

namespace guest {

using ipclab::Confinement;
using ipclab::RunSpace;
using ipclab::RunSpaceOptions;

constexpr int kFirstPid = 20000;

// What a guest has to say: nothing, if all was as expected.
class Complaints {
 public:
  void add(const std::string &complaint) { text_ += (text_.empty() ? "" : "; ") + complaint; }
  void expect(bool condition, const std::string &what) {
    if (!condition) add("expected " + what);
  }
  template <class T>
  void equal(const std::string &what, T actual, T expected) {
    std::ostringstream sentence;
    sentence << "expected " << what << " to be " << expected << ", got " << actual;
    if (!(actual == expected)) add(sentence.str());
  }
  // `result` of a call that was just made, and the errno with which it has to fail.
  void refused(const char *call, long result, int error) {
    const int actual = errno;
    if (result != -1) {
      add(std::string("expected ") + call + " to be refused");
    } else if (actual != error) {
      add(std::string("expected ") + call + " to fail with " + strerrorname_np(error) + ", got " +
          strerrorname_np(actual));
    }
  }
  void works(const char *call, long result) {
    if (result == -1) add(std::string("expected ") + call + " to work, got " + strerrorname_np(errno));
  }
  const std::string &text() const { return text_; }

 private:
  std::string text_;
};

struct Place {
  std::string folder;   // the guests' own
  std::string outside;  // a folder beside it that anyone may write in, but for the sandbox
};

using Guest = std::function<void(Complaints &, const Place &)>;

struct Outcome {
  std::string complaints;
  int status = 0;
  std::set<long> traced;  // numbers of the calls that the filter showed
};

// Follows everything that the guest becomes until it is gone itself.
inline Outcome trace_guest(pid_t guest, int gate, int answer) {
  Outcome outcome;
  constexpr long kOptions = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
                            PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  if (ptrace(PTRACE_SEIZE, guest, nullptr, kOptions) != 0) outcome.complaints = "could not be traced";
  if (write(gate, "g", 1) != 1) outcome.complaints = "could not be let go";
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, __WALL);
    if (pid < 0) break;
    if (!WIFSTOPPED(status)) {
      if (pid != guest) continue;
      outcome.status = status;
      break;
    }
    const int event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) {
      user_regs_struct registers;
      if (ptrace(PTRACE_GETREGS, pid, nullptr, &registers) == 0)
        outcome.traced.insert(static_cast<long>(registers.orig_rax));
    }
    ptrace(PTRACE_CONT, pid, nullptr, event ? 0L : static_cast<long>(WSTOPSIG(status)));
  }
  char buffer[4096];
  for (ssize_t got; (got = read(answer, buffer, sizeof buffer)) > 0;)
    outcome.complaints.append(buffer, static_cast<size_t>(got));
  return outcome;
}

// Forks a process that is born in that PID namespace, and runs `child` in it; answers its pid, throws Fault. The fork
// is done by a short-lived thread, because an ordinary user's engine may enter the namespace of a run but never come
// back to the machine's (setns(2)). So PR_SET_PDEATHSIG is not for the child: its parent thread is gone at once. The
// reaper's death is its end.
pid_t fork_into(int space, const std::function<void()> &child);
inline pid_t fork_into(int space, const std::function<void()> &child) {
  pid_t pid = -1;
  int error = 0;
  const char *step = "setns(PID namespace of the run)";
  std::thread forker([&] {
    if (setns(space, CLONE_NEWPID) == 0) {
      step = "fork into the PID namespace of the run";
      pid = fork();
      if (pid == 0) {
        child();
        _exit(0);
      }
    }
    error = errno;
  });
  forker.join();
  if (pid < 0) throw ipclab::Fault(step, error);
  return pid;
}

inline Outcome run_guest(const RunSpace &space, Confinement confinement, const Place &place, const Guest &guest) {
  int gate[2], answer[2];
  if (pipe2(gate, O_CLOEXEC) != 0 || pipe2(answer, O_CLOEXEC | O_NONBLOCK) != 0) return {"no pipes", 0, {}};
  confinement.folder = place.folder;
  confinement.space = space.descriptor();
  confinement.kept.push_back(answer[1]);
  const pid_t pid = fork_into(space.descriptor(), [&] {
    Complaints complaints;
    char go;
    if (read(gate[0], &go, 1) != 1) _exit(1);
    try {
      ipclab::confine(confinement);
      ipclab::install_filter();
      guest(complaints, place);
    } catch (const std::exception &error) {
      complaints.add(error.what());
    }
    const std::string &text = complaints.text();
    _exit(write(answer[1], text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
  });
  close(gate[0]);
  close(answer[1]);
  Outcome outcome = trace_guest(pid, gate[1], answer[0]);
  close(gate[1]);
  close(answer[0]);
  return outcome;
}

inline void report(Complaints &complaints, const Outcome &outcome) {
  if (!outcome.complaints.empty()) complaints.add(outcome.complaints);
}

inline RunSpace create_space(const Place &place, RunSpaceOptions options = {}) {
  options.first_pid = kFirstPid;
  options.folder = place.folder;
  return RunSpace::create(options);
}

// ---- As whom -------------------------------------------------------------------------------------------------------

using Body = void (*)(Complaints &, const Place &);

constexpr uid_t kNobody = 65534;
constexpr int kNoUserNamespace = 3, kNotThatUser = 4, kNoOwnProc = 5;

inline void write_text(const std::string &path, const std::string &text) {
  std::ofstream(path) << text;
}

inline Place make_place(const std::string &base) {
  const Place place{base + "/run", base + "/outside"};
  mkdir(place.folder.c_str(), 0755);
  mkdir(place.outside.c_str(), 0755);
  write_text(place.folder + "/placed", "placed");
  write_text(place.outside + "/there", "there");
  chmod(place.outside.c_str(), 0777);
  chmod((place.outside + "/there").c_str(), 0666);
  return place;
}

// What userns-exec does, in this process.
inline void enter_user_namespace() {
  const std::string map = "0 " + std::to_string(geteuid()) + " 1\n", groups = "0 " + std::to_string(getegid()) + " 1\n";
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  if (unshare(CLONE_NEWUSER) != 0) _exit(kNoUserNamespace);
  write_text("/proc/self/setgroups", "deny");
  write_text("/proc/self/uid_map", map);
  write_text("/proc/self/gid_map", groups);
  if (geteuid() != 0) _exit(kNoUserNamespace);
}

// The test proper, in a process of its own, which has become whom the test is about.
[[noreturn]] inline void run_body(const std::string &base, bool as_root, int answer, Body body) {
  const uid_t user = geteuid() == 0 ? kNobody : geteuid();
  if (!as_root && geteuid() == 0) {
    if (chown(base.c_str(), user, user) || setgroups(0, nullptr) || setresgid(user, user, user) ||
        setresuid(user, user, user))
      _exit(kNotThatUser);
  }
  const Place place = make_place(base);
  if (!as_root) {
    enter_user_namespace();
  } else if (chown(place.folder.c_str(), ipclab::kStudentId, ipclab::kStudentId) ||
             chown((place.folder + "/placed").c_str(), ipclab::kStudentId, ipclab::kStudentId)) {
    _exit(kNotThatUser);
  }
  Complaints complaints;
  try {
    body(complaints, place);
  } catch (const std::exception &error) {
    complaints.add(error.what());
  }
  const std::string &text = complaints.text();
  _exit(write(answer, text.data(), text.size()) == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

inline void run_as(bool as_root, Body body) {
  if (as_root && geteuid() != 0) SKIP("this is not root");
  const char *preload = getenv("LD_PRELOAD");
  if (preload && strstr(preload, "vgpreload")) SKIP("valgrind makes no namespaces and lets no filter in");
  char base[] = "/tmp/ipclab-sandbox-XXXXXX";
  int answer[2];
  CHECK(mkdtemp(base) != nullptr);
  CHECK(chmod(base, 0755) == 0);
  CHECK(pipe2(answer, O_CLOEXEC) == 0);
  const pid_t pid = fork();
  if (pid == 0) run_body(base, as_root, answer[1], body);
  close(answer[1]);
  std::string complaints;
  char buffer[4096];
  for (ssize_t got; (got = read(answer[0], buffer, sizeof buffer)) > 0;)
    complaints.append(buffer, static_cast<size_t>(got));
  close(answer[0]);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  const bool removed = system((std::string("rm -rf ") + base).c_str()) == 0;
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoUserNamespace) SKIP("no user namespace for ordinary users here");
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoOwnProc) SKIP("a run cannot have a /proc of its own here");
  CHECK_EQUAL(complaints, std::string());
  CHECK_EQUAL(status, 0);
  CHECK(removed);
}

template <Body body>
void as_root() {
  run_as(true, body);
}
template <Body body>
void as_user() {
  run_as(false, body);
}

}  // namespace guest

// Registers `body`, a Body, as a test of either kind.
#define TEST_CONFINED(title, body)                                                                              \
  static const check::Registration CHECK_JOIN_(check_root_, __LINE__)("as root, " title, guest::as_root<body>); \
  static const check::Registration CHECK_JOIN_(check_user_, __LINE__)("as an ordinary user, " title,            \
                                                                      guest::as_user<body>)
