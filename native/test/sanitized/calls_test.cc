// Decoding a call from registers and memory; here the memory is the test's own.
//
// links: supervisor/calls.cc supervisor/seccomp_table.cc
#include "supervisor/calls.h"

#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <climits>
#include <csignal>
#include <cstring>
#include <ctime>

#include "check.h"
#include "supervisor/seccomp_table.h"

using namespace ipclab;

namespace {

template <class Value>
long raw(Value value) {
  return (long)value;
}

template <class... Arguments>
PendingCall decode(long number, Arguments... arguments) {
  const long given[7] = {raw(arguments)...};
  Registers registers{};
  registers.raw.orig_rax = static_cast<unsigned long long>(number);
  unsigned long long *const places[] = {&registers.raw.rdi, &registers.raw.rsi, &registers.raw.rdx,
                                        &registers.raw.r10, &registers.raw.r8,  &registers.raw.r9};
  for (int i = 0; i < 6; i++) *places[i] = static_cast<unsigned long long>(given[i]);
  return decode_call(getpid(), registers);
}

template <class Flags>
std::string joined(const Flags &flags) {
  std::string text;
  for (const auto &flag : flags) text += std::string(text.empty() ? "" : "|") + flag;
  return text;
}

// Two pages of which only the first can be read.
struct HalfReadable {
  char *start;
  HalfReadable() {
    start = static_cast<char *>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    mprotect(start + 4096, 4096, PROT_NONE);
  }
  ~HalfReadable() { munmap(start, 8192); }
};

}  // namespace

TEST("msgget has a signed key, its mode apart from its flags") {
  const PendingCall call = decode(SYS_msgget, 0xfffffff5L, IPC_CREAT | IPC_EXCL | 0640);
  CHECK(call.is("msgget"));
  CHECK_EQUAL(call.args.key.value(), -11);
  CHECK_EQUAL(call.args.mode.value(), 0640);
  CHECK_EQUAL(joined(call.args.flags), "IPC_CREAT|IPC_EXCL");
}

TEST("msgsnd is read with its type and bytes") {
  const struct {
    long mtype;
    char text[6];
  } message = {LONG_MAX, "hello"};
  const PendingCall call = decode(SYS_msgsnd, 5, &message, 5, IPC_NOWAIT);
  CHECK_EQUAL(call.args.mtype.value(), LONG_MAX);
  CHECK_EQUAL(call.bytes, "hello");
  CHECK_EQUAL(call.args.size_bytes.value(), 5);
  CHECK(call.nowait());
}

TEST("a message whose bytes cannot be read still tells its type, or nothing") {
  const HalfReadable memory;
  char *const at = memory.start + 4096 - sizeof(long);
  const long mtype = 3;
  memcpy(at, &mtype, sizeof mtype);
  const PendingCall half = decode(SYS_msgsnd, 5, at, 5, 0);
  CHECK_EQUAL(half.args.mtype.value(), 3);
  CHECK_EQUAL(half.bytes, "");
  CHECK(!half.nowait());
  CHECK(!decode(SYS_msgsnd, 5, at + 1, 5, 0).args.mtype.has_value());
  CHECK(!decode(SYS_msgsnd, 5, 0, 0, 0).args.mtype.has_value());
}

TEST("sizes beyond any message are told and not read") {
  const PendingCall negative = decode(SYS_msgsnd, 5, &negative, -1, 0);
  CHECK_EQUAL(negative.args.size_bytes.value(), -1);
  CHECK_EQUAL(negative.bytes, "");
  CHECK_EQUAL(decode(SYS_msgsnd, 5, &negative, LONG_MAX, 0).args.size_bytes.value(), LONG_MAX);
}

TEST("msgrcv has a wanted type of 64 bits and all its flags") {
  const PendingCall call = decode(SYS_msgrcv, -1, 0, 100, LONG_MIN, IPC_NOWAIT | MSG_NOERROR | MSG_EXCEPT | MSG_COPY);
  CHECK_EQUAL(call.args.id.value(), -1);
  CHECK_EQUAL(call.args.msgtyp.value(), LONG_MIN);
  CHECK_EQUAL(joined(call.args.flags), "IPC_NOWAIT|MSG_NOERROR|MSG_EXCEPT|MSG_COPY");
}

TEST("commands are named by the family of their call") {
  CHECK_EQUAL(decode(SYS_msgctl, 5, IPC_RMID, 0).args.cmd, "IPC_RMID");
  CHECK_EQUAL(decode(SYS_msgctl, 5, MSG_INFO, 0).args.cmd, "MSG_INFO");
  CHECK_EQUAL(decode(SYS_semctl, 5, 0, GETVAL).args.cmd, "GETVAL");
  CHECK_EQUAL(decode(SYS_shmctl, 5, GETVAL, 0).args.cmd, "SHM_UNLOCK");  // the same number
  CHECK_EQUAL(decode(SYS_msgctl, 5, 99, 0).args.cmd, "99");
}

TEST("semop is read with its operations and its time") {
  const sembuf operations[] = {{1, -1, SEM_UNDO}, {0, 32767, IPC_NOWAIT}};
  const timespec time = {2, 5000000};
  const PendingCall call = decode(SYS_semtimedop, 5, operations, 2, &time);
  CHECK(call.is("semop"));
  CHECK_EQUAL(call.args.operations.size(), 2u);
  CHECK_EQUAL(call.args.operations[0].op, -1);
  CHECK_EQUAL(call.args.operations[0].flags, SEM_UNDO);
  CHECK_EQUAL(call.args.operations[1].op, 32767);
  CHECK_EQUAL(call.args.timeout_ms.value(), 2005);
  CHECK(!decode(SYS_semop, 5, operations, 2, &time).args.timeout_ms.has_value());
  CHECK_EQUAL(decode(SYS_semop, 5, operations, 501).args.operations.size(), 0u);
  CHECK_EQUAL(decode(SYS_semop, 5, nullptr, 2).args.operations.size(), 0u);
  CHECK_EQUAL(decode(SYS_semop, 5, operations, -1).args.operations.size(), 0u);
}

TEST("the waiting calls share the words of waitpid") {
  CHECK_EQUAL(decode(SYS_wait4, -1, 0, WNOHANG).args.pid.value(), -1);
  CHECK(decode(SYS_wait4, -1, 0, WNOHANG).nowait());
  CHECK_EQUAL(decode(SYS_waitid, P_ALL, 7, 0, WEXITED).args.pid.value(), -1);
  CHECK_EQUAL(decode(SYS_waitid, P_PID, 7, 0, WEXITED).args.pid.value(), 7);
  CHECK_EQUAL(decode(SYS_waitid, P_PGID, 7, 0, WEXITED).args.pid.value(), -7);
}

TEST("signals: who is hit, and what is done from now on") {
  CHECK_EQUAL(decode(SYS_kill, -5, SIGTERM).args.pid.value(), -5);
  CHECK_EQUAL(decode(SYS_tgkill, 20000, 20001, SIGUSR1).args.signal.value(), SIGUSR1);
  struct {
    unsigned long handler, flags, restorer, mask;
  } action = {0x1000, SA_RESTART | SA_NODEFER, 0, 0};
  const PendingCall caught = decode(SYS_rt_sigaction, SIGTERM, &action, 0, 8);
  CHECK_EQUAL(caught.args.disposition, "handler");
  CHECK_EQUAL(joined(caught.args.flags), "SA_RESTART|SA_NODEFER");
  action = {1, 0, 0, 0};
  CHECK_EQUAL(decode(SYS_rt_sigaction, SIGTERM, &action, 0, 8).args.disposition, "ignore");
  CHECK_EQUAL(decode(SYS_rt_sigaction, SIGTERM, 0, 0, 8).args.disposition, "");
}

TEST("every call that the supervisor knows is one that the filter shows") {
  for (long number = 0; number < 1024; number++) {
    if (!find_call(number)) continue;
    bool shown = false;
    const bool about_files = find_call(number)->is_about_files();
    const SeccompRow *rows = about_files ? kFileRows : kSeccompRows;
    for (size_t i = 0; i < (about_files ? kFileRowCount : kSeccompRowCount); i++)
      shown = shown || (rows[i].call == static_cast<uint32_t>(number) && rows[i].verdict == Verdict::Trace);
    CHECK_EQUAL(shown ? 0 : number, 0);
  }
}
