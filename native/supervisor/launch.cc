#include "launch.h"

#include <fcntl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>

#include "fault.h"

namespace ipclab {
namespace {

constexpr int kCouldNotBegin = 126;  // as a shell's "found, but cannot be executed"

[[noreturn]] void fail_at_gate(int gate, const std::string &what) {
  [[maybe_unused]] ssize_t written = write(gate, what.data(), what.size());
  _exit(kCouldNotBegin);
}

// A descriptor that lands on 0..2 loses its close-on-exec flag; one that is there already must have it taken off.
void place_descriptor(int from, int to) {
  if (from == to) {
    fcntl(to, F_SETFD, 0);
  } else {
    dup2(from, to);
  }
}

// A program begins with C's dispositions. Node's own ways with SIGINT and SIGTERM (it puts the terminal right, then
// raises the signal again) would show as handlers that the student never wrote; its SIGPIPE stays ignored, as in every
// Node program.
void reset_signals(bool executable) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (int signo : {SIGINT, SIGTERM, SIGCHLD}) signal(signo, SIG_DFL);  // the zygote ignores SIGCHLD: nothing to reap
  if (executable) signal(SIGPIPE, SIG_DFL);
}

}  // namespace

char *place_board() {
  static char board[kPlaceBoardBytes];
  return board;
}

void begin_role(const Launch &launch) {
  const int gate = launch.gate;
  try {
    place_descriptor(launch.standard_input, 0);
    place_descriptor(launch.standard_output, 1);
    place_descriptor(launch.standard_error, 2);
    for (int descriptor : {launch.standard_input, launch.standard_output, launch.standard_error}) {
      if (descriptor > 2) close(descriptor);
    }
    reset_signals(!launch.executable.empty());
    char go = 0;
    while (read(gate, &go, 1) < 0 && errno == EINTR) {
    }
    if (go != 'g') _exit(kCouldNotBegin);  // the engine is gone
    // Where it is refused, a program that looks at addresses, or at what it never wrote, is not the same each time.
    if (!launch.executable.empty()) personality(ADDR_NO_RANDOMIZE);
    confine(launch.confinement);
    install_filter(launch.file_calls);
  } catch (const std::exception &error) {
    fail_at_gate(gate, error.what());
  }
  if (launch.executable.empty()) close(gate);  // an exec closes it, unless it fails and has something to say
  prctl(kBeginMarker, launch.executable.empty() ? place_board() : nullptr, 0, 0, 0);
  if (launch.executable.empty()) return;
  std::vector<char *> argv{const_cast<char *>(launch.executable.c_str())}, envp;
  for (const std::string &arg : launch.args) argv.push_back(const_cast<char *>(arg.c_str()));
  for (const std::string &entry : launch.env) envp.push_back(const_cast<char *>(entry.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  execve(launch.executable.c_str(), argv.data(), envp.data());
  fail_at_gate(gate,
               "Expected " + launch.executable + " to be a program that this machine can execute: " + strerror(errno));
}

void open_gate(int gate) {
  const char go = 'g';
  if (send(gate, &go, 1, MSG_NOSIGNAL) != 1) throw Fault("opening a process's gate", errno);
}

std::string read_gate(int gate) {
  char text[512];
  const ssize_t got = recv(gate, text, sizeof text, MSG_DONTWAIT);
  return got > 0 ? std::string(text, static_cast<size_t>(got)) : std::string();
}

}  // namespace ipclab
