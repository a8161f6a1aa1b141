#include "calls.h"

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <csignal>
#include <cstring>
#include <ctime>
#include <string_view>

namespace ipclab {
namespace {

struct FlagName {
  long bits;
  const char *name;
};

constexpr FlagName kGetFlags[] = {{IPC_CREAT, "IPC_CREAT"}, {IPC_EXCL, "IPC_EXCL"}};
constexpr FlagName kMessageFlags[] = {
    {IPC_NOWAIT, "IPC_NOWAIT"}, {MSG_NOERROR, "MSG_NOERROR"}, {MSG_EXCEPT, "MSG_EXCEPT"}, {MSG_COPY, "MSG_COPY"}};
constexpr FlagName kAttachFlags[] = {
    {SHM_RDONLY, "SHM_RDONLY"}, {SHM_RND, "SHM_RND"}, {SHM_REMAP, "SHM_REMAP"}, {SHM_EXEC, "SHM_EXEC"}};
constexpr FlagName kWaitFlags[] = {{WNOHANG, "WNOHANG"}, {WUNTRACED, "WUNTRACED"}, {WCONTINUED, "WCONTINUED"}};
constexpr FlagName kActionFlags[] = {{SA_RESTART, "SA_RESTART"},     {SA_RESETHAND, "SA_RESETHAND"},
                                     {SA_NODEFER, "SA_NODEFER"},     {SA_NOCLDSTOP, "SA_NOCLDSTOP"},
                                     {SA_NOCLDWAIT, "SA_NOCLDWAIT"}, {SA_SIGINFO, "SA_SIGINFO"}};

// The three *ctl calls share the first commands; the others mean something in one family only.
struct Command {
  int number;
  const char *name;
  std::string_view family;
};
constexpr Command kCommands[] = {
    {IPC_RMID, "IPC_RMID", ""},    {IPC_SET, "IPC_SET", ""},          {IPC_STAT, "IPC_STAT", ""},
    {IPC_INFO, "IPC_INFO", ""},    {MSG_STAT, "MSG_STAT", "msg"},     {MSG_INFO, "MSG_INFO", "msg"},
    {SHM_LOCK, "SHM_LOCK", "shm"}, {SHM_UNLOCK, "SHM_UNLOCK", "shm"}, {SHM_STAT, "SHM_STAT", "shm"},
    {SHM_INFO, "SHM_INFO", "shm"}, {GETPID, "GETPID", "sem"},         {GETVAL, "GETVAL", "sem"},
    {GETALL, "GETALL", "sem"},     {GETNCNT, "GETNCNT", "sem"},       {GETZCNT, "GETZCNT", "sem"},
    {SETVAL, "SETVAL", "sem"},     {SETALL, "SETALL", "sem"},         {SEM_STAT, "SEM_STAT", "sem"},
    {SEM_INFO, "SEM_INFO", "sem"}};

template <size_t N>
void set_flags(PendingCall *call, long value, const FlagName (&names)[N]) {
  call->args.has_flags = true;
  for (const FlagName &flag : names) {
    if (value & flag.bits) call->args.flags.push_back(flag.name);
  }
}

int as_int(long value) {
  return static_cast<int>(value);
}

std::string command_name(long command, const std::string &family) {
  const int number = as_int(command);  // x86-64 has no IPC_64 (0x100): the kernel refuses it
  for (const Command &known : kCommands) {
    if (known.number == number && (known.family.empty() || known.family == family)) return known.name;
  }
  return std::to_string(number);
}

void decode_msgget(pid_t, PendingCall *call) {
  call->args.key = as_int(call->raw[0]);
  call->args.mode = call->raw[1] & 0777;
  set_flags(call, call->raw[1], kGetFlags);
}
void decode_sized_get(pid_t, PendingCall *call) {
  call->args.key = as_int(call->raw[0]);
  call->args.size_bytes = call->raw[1];
  call->args.mode = call->raw[2] & 0777;
  set_flags(call, call->raw[2], kGetFlags);
}
void decode_msgsnd(pid_t tid, PendingCall *call) {
  const size_t size = static_cast<size_t>(call->raw[2]);
  call->args.id = as_int(call->raw[0]);
  call->args.size_bytes = call->raw[2];
  set_flags(call, as_int(call->raw[3]), kMessageFlags);
  if (size > kLongestMessage) return;
  long mtype = 0;
  if (read_message(tid, call->raw[1], size, &mtype, &call->bytes) || read_value(tid, call->raw[1], &mtype))
    call->args.mtype = mtype;
}
void decode_msgrcv(pid_t, PendingCall *call) {
  call->args.id = as_int(call->raw[0]);
  call->args.size_bytes = call->raw[2];
  call->args.msgtyp = call->raw[3];
  set_flags(call, as_int(call->raw[4]), kMessageFlags);
}
void decode_msgctl(pid_t, PendingCall *call) {
  call->args.id = as_int(call->raw[0]);
  call->args.cmd = command_name(call->raw[1], "msg");
}
void decode_shmctl(pid_t, PendingCall *call) {
  call->args.id = as_int(call->raw[0]);
  call->args.cmd = command_name(call->raw[1], "shm");
}
void decode_semctl(pid_t, PendingCall *call) {
  call->args.id = as_int(call->raw[0]);
  call->args.cmd = command_name(call->raw[2], "sem");
}
void decode_shmat(pid_t, PendingCall *call) {
  call->args.id = as_int(call->raw[0]);
  set_flags(call, as_int(call->raw[2]), kAttachFlags);
}
void decode_semop(pid_t tid, PendingCall *call) {
  call->args.id = as_int(call->raw[0]);
  const size_t count = static_cast<size_t>(call->raw[2]);
  if (count > 500) return;  // SEMOPM
  std::vector<sembuf> operations(count);
  if (count && !read_memory(tid, call->raw[1], operations.data(), count * sizeof(sembuf))) return;
  for (const sembuf &op : operations) call->args.operations.push_back({op.sem_num, op.sem_op, op.sem_flg});
  timespec timeout{};
  if (call->number == SYS_semtimedop && call->raw[3] != 0 && read_value(tid, call->raw[3], &timeout))
    call->args.timeout_ms = timeout.tv_sec * 1000 + timeout.tv_nsec / 1000000;
}
void decode_wait4(pid_t, PendingCall *call) {
  call->args.pid = as_int(call->raw[0]);
  set_flags(call, call->raw[2], kWaitFlags);
}
void decode_waitid(pid_t, PendingCall *call) {
  // waitid(2) in the words of waitpid(2): P_ALL is -1, a group is negative.
  const long kind = call->raw[0];
  call->args.pid = kind == P_ALL ? -1 : kind == P_PGID ? -as_int(call->raw[1]) : as_int(call->raw[1]);
  set_flags(call, call->raw[3], kWaitFlags);
}
void decode_kill(pid_t, PendingCall *call) {
  call->args.pid = as_int(call->raw[0]);
  call->args.signal = as_int(call->raw[1]);
}
void decode_tgkill(pid_t, PendingCall *call) {
  call->args.pid = as_int(call->raw[0]);
  call->args.signal = as_int(call->raw[2]);
}
void decode_sigaction(pid_t tid, PendingCall *call) {
  call->args.signal = as_int(call->raw[0]);
  struct {
    unsigned long handler, flags;
  } action{};
  if (call->raw[1] == 0 || !read_value(tid, call->raw[1], &action)) return;
  call->args.disposition = action.handler == 0 ? "default" : action.handler == 1 ? "ignore" : "handler";
  set_flags(call, static_cast<long>(action.flags), kActionFlags);
}
void decode_sigprocmask(pid_t tid, PendingCall *call) {
  uint64_t set = 0;
  if (call->raw[1] == 0 || !read_value(tid, call->raw[1], &set)) return;
  const int how = as_int(call->raw[0]);
  call->args.how = how == SIG_BLOCK ? "SIG_BLOCK" : how == SIG_UNBLOCK ? "SIG_UNBLOCK" : "SIG_SETMASK";
  call->args.signals = set;
}
void decode_sigsuspend(pid_t tid, PendingCall *call) {
  uint64_t set = 0;
  if (read_value(tid, call->raw[0], &set)) call->args.signals = set;
}
void decode_sleep(pid_t tid, PendingCall *call) {
  timespec duration{};
  const bool clock = call->number == SYS_clock_nanosleep;
  if (read_value(tid, call->raw[clock ? 2 : 0], &duration))
    call->args.timeout_ms = duration.tv_sec * 1000 + duration.tv_nsec / 1000000;
}
void decode_sigtimedwait(pid_t tid, PendingCall *call) {
  timespec timeout{};
  if (call->raw[2] != 0 && read_value(tid, call->raw[2], &timeout))
    call->args.timeout_ms = timeout.tv_sec * 1000 + timeout.tv_nsec / 1000000;
}
void decode_alarm(pid_t, PendingCall *call) {
  call->args.seconds = call->raw[0];
}
void decode_epoll(pid_t, PendingCall *call) {
  if (call->number != SYS_epoll_pwait2) call->args.timeout_ms = as_int(call->raw[3]);
}
void decode_nothing(pid_t, PendingCall *) {}

constexpr CallRow kCalls[] = {
    {SYS_msgsnd, "msgsnd", CallClass::Schedule, decode_msgsnd},
    {SYS_msgrcv, "msgrcv", CallClass::Schedule, decode_msgrcv},
    {SYS_msgget, "msgget", CallClass::Schedule, decode_msgget},
    {SYS_msgctl, "msgctl", CallClass::Schedule, decode_msgctl},
    {SYS_semtimedop, "semop", CallClass::Schedule, decode_semop},
    {SYS_semop, "semop", CallClass::Schedule, decode_semop},
    {SYS_semget, "semget", CallClass::Schedule, decode_sized_get},
    {SYS_semctl, "semctl", CallClass::Schedule, decode_semctl},
    {SYS_shmget, "shmget", CallClass::Schedule, decode_sized_get},
    {SYS_shmat, "shmat", CallClass::Schedule, decode_shmat},
    {SYS_shmdt, "shmdt", CallClass::Schedule, decode_nothing},
    {SYS_shmctl, "shmctl", CallClass::Schedule, decode_shmctl},
    {SYS_fork, "fork", CallClass::Schedule, decode_nothing},
    {SYS_vfork, "fork", CallClass::Schedule, decode_nothing},
    {SYS_clone, "fork", CallClass::Schedule, decode_nothing},
    {SYS_wait4, "wait", CallClass::Schedule, decode_wait4},
    {SYS_waitid, "wait", CallClass::Schedule, decode_waitid},
    {SYS_kill, "kill", CallClass::Schedule, decode_kill},
    {SYS_tkill, "kill", CallClass::Schedule, decode_kill},
    {SYS_tgkill, "kill", CallClass::Schedule, decode_tgkill},
    {SYS_rt_sigqueueinfo, "kill", CallClass::Schedule, decode_kill},
    {SYS_rt_tgsigqueueinfo, "kill", CallClass::Schedule, decode_tgkill},
    {SYS_pause, "pause", CallClass::Schedule, decode_nothing},
    {SYS_rt_sigsuspend, "sigsuspend", CallClass::Schedule, decode_sigsuspend},
    {SYS_rt_sigtimedwait, "sigtimedwait", CallClass::Schedule, decode_sigtimedwait},
    {SYS_nanosleep, "sleep", CallClass::Schedule, decode_sleep},
    {SYS_clock_nanosleep, "sleep", CallClass::Schedule, decode_sleep},
    {SYS_alarm, "alarm", CallClass::Record, decode_alarm},
    {SYS_rt_sigaction, "sigaction", CallClass::Record, decode_sigaction},
    {SYS_rt_sigpending, "sigpending", CallClass::Schedule, decode_nothing},
    {SYS_rt_sigprocmask, "sigprocmask", CallClass::Schedule, decode_sigprocmask, CallRow::About::Mask},
    {SYS_open, "open", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_openat, "open", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_creat, "open", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_read, "read", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_pread64, "read", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_readv, "read", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_preadv, "read", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_write, "write", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_pwrite64, "write", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_writev, "write", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_pwritev, "write", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_sendfile, "write", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_copy_file_range, "write", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_truncate, "truncate", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_ftruncate, "truncate", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_close, "close", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_rename, "rename", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_renameat, "rename", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_renameat2, "rename", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_link, "link", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_linkat, "link", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_symlink, "symlink", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_symlinkat, "symlink", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_unlink, "unlink", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_unlinkat, "unlink", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_mkdir, "mkdir", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_mkdirat, "mkdir", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_rmdir, "rmdir", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_getdents, "getdents", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_getdents64, "getdents", CallClass::Schedule, decode_nothing, CallRow::About::Files},
    {SYS_epoll_wait, "poll", CallClass::EventLoop, decode_epoll},
    {SYS_epoll_pwait, "poll", CallClass::EventLoop, decode_epoll},
    {SYS_epoll_pwait2, "poll", CallClass::EventLoop, decode_epoll},
};

}  // namespace

bool PendingCall::is(const char *name) const {
  return row != nullptr && std::strcmp(row->name, name) == 0;
}

bool PendingCall::nowait() const {
  for (const std::string_view flag : args.flags) {
    if (flag == "IPC_NOWAIT" || flag == "WNOHANG") return true;
  }
  return false;
}

bool read_message(pid_t tid, long address, size_t size, long *mtype, std::string *bytes) {
  bytes->resize(size);
  iovec local[] = {{mtype, sizeof *mtype}, {bytes->data(), size}};
  iovec remote{reinterpret_cast<void *>(address), sizeof *mtype + size};
  if (process_vm_readv(tid, local, 2, &remote, 1, 0) == static_cast<ssize_t>(sizeof *mtype + size)) return true;
  bytes->clear();
  return false;
}

const CallRow *find_call(long number) {
  for (const CallRow &row : kCalls) {
    if (row.number == number) return &row;
  }
  return nullptr;
}

PendingCall decode_call(pid_t tid, const Registers &registers) {
  PendingCall call;
  call.number = registers.call();
  call.row = find_call(call.number);
  for (int i = 0; i < 6; i++) call.raw[i] = registers.arg(i);
  if (call.row) call.row->decode(tid, &call);
  return call;
}

}  // namespace ipclab
