#include "zygote.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "fault.h"
#include "sandbox.h"

namespace ipclab {
namespace {

constexpr size_t kLargestRequest = 1 << 17;
constexpr int kDescriptors = 5;
constexpr int kReadyTimeoutMs = 30000;  // a Node start on a machine under load

// A packet is a row of strings, each with its length before it.
class Packet {
 public:
  void put(const std::string &text) {
    const uint32_t size = static_cast<uint32_t>(text.size());
    bytes_.append(reinterpret_cast<const char *>(&size), sizeof size);
    bytes_ += text;
  }
  void put(uint64_t number) { put(std::string(reinterpret_cast<const char *>(&number), sizeof number)); }
  void put(const std::vector<std::string> &list) {
    put(static_cast<uint64_t>(list.size()));
    for (const std::string &text : list) put(text);
  }
  const std::string &bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class PacketReader {
 public:
  PacketReader(const char *bytes, size_t size) : at_(bytes), end_(bytes + size) {}
  std::string text() {
    uint32_t size = 0;
    if (end_ - at_ < static_cast<ptrdiff_t>(sizeof size)) throw Fault("a request to the zygote was cut", EPROTO);
    memcpy(&size, at_, sizeof size);
    at_ += sizeof size;
    if (end_ - at_ < static_cast<ptrdiff_t>(size)) throw Fault("a request to the zygote was cut", EPROTO);
    std::string text(at_, size);
    at_ += size;
    return text;
  }
  uint64_t number() {
    uint64_t value = 0;
    const std::string raw = text();
    memcpy(&value, raw.data(), std::min(raw.size(), sizeof value));
    return value;
  }
  std::vector<std::string> list() {
    std::vector<std::string> texts(number());
    for (std::string &entry : texts) entry = text();
    return texts;
  }

 private:
  const char *at_, *end_;
};

}  // namespace

ZygoteLink::~ZygoteLink() {
  stop();
}

void ZygoteLink::start(const std::vector<std::string> &command, const std::vector<std::string> &env) {
  stop();
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) throw Fault("socketpair for the zygote", errno);
  std::vector<char *> argv, envp;
  for (const std::string &word : command) argv.push_back(const_cast<char *>(word.c_str()));
  for (const std::string &entry : env) envp.push_back(const_cast<char *>(entry.c_str()));
  argv.push_back(nullptr);
  envp.push_back(nullptr);
  const pid_t engine = getpid();
  pid_ = fork();
  if (pid_ < 0) throw Fault("fork of the zygote", errno);
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != engine) _exit(127);
    if (ends[1] == kZygoteSocket) {
      fcntl(kZygoteSocket, F_SETFD, 0);
    } else {
      dup2(ends[1], kZygoteSocket);
    }
    const int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    fcntl(2, F_SETFD, 0);
    fcntl(1, F_SETFD, 0);
    close_range(4, ~0u, 0);
    execve(argv[0], argv.data(), envp.data());
    _exit(127);
  }
  close(ends[1]);
  socket_ = ends[0];
  pollfd poller{socket_, POLLIN, 0};
  char ready = 0;
  if (poll(&poller, 1, kReadyTimeoutMs) <= 0 || recv(socket_, &ready, 1, 0) != 1) {
    stop();
    throw Fault("Expected the zygote to be ready, it was not (its output is above)", EPROTO);
  }
}

void ZygoteLink::stop() {
  if (socket_ >= 0) close(socket_);
  socket_ = -1;
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  int status;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

pid_t ZygoteLink::fork_role(const Launch &launch) {
  if (pid_ <= 0) throw Fault("Expected a zygote to fork a role, there is none", EPROTO);
  const Confinement &bounds = launch.confinement;
  Packet packet;
  packet.put(static_cast<uint64_t>(launch.bundle));
  packet.put(bounds.folder);
  packet.put(bounds.readable);
  packet.put(bounds.cpu_ms);
  packet.put(bounds.memory_bytes);
  packet.put(bounds.file_bytes);
  packet.put(static_cast<uint64_t>(launch.file_calls));
  packet.put(static_cast<uint64_t>(launch.places));
  packet.put(launch.executable);
  packet.put(launch.args);
  packet.put(launch.env);
  const int descriptors[kDescriptors] = {launch.standard_input, launch.standard_output, launch.standard_error,
                                         launch.gate, bounds.space};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptors)] = {};
  iovec body{const_cast<char *>(packet.bytes().data()), packet.bytes().size()};
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof descriptors);
  memcpy(CMSG_DATA(header), descriptors, sizeof descriptors);
  if (sendmsg(socket_, &message, MSG_NOSIGNAL) < 0) throw Fault("sending a request to the zygote", errno);
  pid_t pid = -1;
  ssize_t got;
  while ((got = recv(socket_, &pid, sizeof pid, 0)) < 0 && errno == EINTR) {
  }
  if (got != sizeof pid || pid <= 0) throw Fault("Expected the zygote to fork a role, it did not", EPROTO);
  return pid;
}

bool Zygotes::have_lost(pid_t pid) {
  for (ZygoteLink *link : {&scripts, &executables}) {
    if (link->pid() != pid) continue;
    link->forget();
    return true;
  }
  return false;
}

void zygote_announce() {
  prepare_to_confine();
  fcntl(kZygoteSocket, F_SETFD, FD_CLOEXEC);
  signal(SIGCHLD, SIG_IGN);  // its children are waited for by the engine, their tracer
  const char ready = 'r';
  if (send(kZygoteSocket, &ready, 1, MSG_NOSIGNAL) != 1) throw Fault("announcing the zygote", errno);
}

bool zygote_receive(Launch *launch) {
  static char bytes[kLargestRequest];
  int descriptors[kDescriptors];
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptors)];
  iovec body{bytes, sizeof bytes};
  msghdr message{};
  message.msg_iov = &body;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  ssize_t got;
  while ((got = recvmsg(kZygoteSocket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
  }
  if (got <= 0) return false;
  cmsghdr *header = CMSG_FIRSTHDR(&message);
  if (!header || header->cmsg_len != CMSG_LEN(sizeof descriptors)) throw Fault("a request without descriptors", EPROTO);
  memcpy(descriptors, CMSG_DATA(header), sizeof descriptors);
  PacketReader reader(bytes, static_cast<size_t>(got));
  launch->bundle = static_cast<int>(reader.number());
  launch->confinement.folder = reader.text();
  launch->confinement.readable = reader.list();
  launch->confinement.cpu_ms = reader.number();
  launch->confinement.memory_bytes = reader.number();
  launch->confinement.file_bytes = reader.number();
  launch->file_calls = reader.number() != 0;
  launch->places = reader.number() != 0;
  launch->executable = reader.text();
  launch->args = reader.list();
  launch->env = reader.list();
  launch->confinement.typescript = launch->executable.empty();
  launch->standard_input = descriptors[0];
  launch->standard_output = descriptors[1];
  launch->standard_error = descriptors[2];
  launch->gate = descriptors[3];
  launch->confinement.kept = {launch->gate};
  launch->confinement.space = descriptors[4];
  if (setns(launch->confinement.space, CLONE_NEWPID) != 0) throw Fault("setns(PID namespace of the run)", errno);
  return true;
}

void zygote_answer(const Launch &launch, pid_t pid) {
  for (int descriptor :
       {launch.standard_input, launch.standard_output, launch.standard_error, launch.gate, launch.confinement.space})
    close(descriptor);
  if (send(kZygoteSocket, &pid, sizeof pid, MSG_NOSIGNAL) != sizeof pid) throw Fault("answering the engine", errno);
}

void zygote_begin(const Launch &launch) {
  close(kZygoteSocket);
  begin_role(launch);
  close(launch.confinement.space);
}

}  // namespace ipclab
