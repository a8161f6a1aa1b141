#include "namespace_reaper.h"

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

#if !defined(__x86_64__)
#error "The reaper makes its system calls as on x86-64"
#endif

// The instrumentation of a sanitizer believes that this code runs in the engine.
#define IPCLAB_REAPER __attribute__((no_sanitize("address", "undefined")))

namespace ipclab {
namespace {

// The C library's wrappers write errno, which here is the engine's.
IPCLAB_REAPER inline long raw_call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  long result;
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                   : "rcx", "r11", "memory");
  return result;
}
IPCLAB_REAPER inline long address(const void *pointer) {
  return reinterpret_cast<long>(pointer);
}

// Answers 0 or -errno.
IPCLAB_REAPER long write_file(const char *path, const char *text) {
  long size = 0;
  while (text[size] != '\0') size++;
  const long file = raw_call(SYS_open, address(path), O_WRONLY | O_CLOEXEC);
  if (file < 0) return file;
  const long written = raw_call(SYS_write, file, address(text), size);
  raw_call(SYS_close, file);
  return written < 0 ? written : 0;
}

IPCLAB_REAPER long set_read_only(const char *path, bool read_only, long flags) {
  mount_attr change{};
  (read_only ? change.attr_set : change.attr_clr) = MOUNT_ATTR_RDONLY;
  return raw_call(SYS_mount_setattr, AT_FDCWD, address(path), flags, address(&change), sizeof change);
}

IPCLAB_REAPER long burn_ids(int count) {
  for (int i = 0; i < count; i++) {
    const long queue = raw_call(SYS_msgget, IPC_PRIVATE, 0600);
    if (queue < 0) return queue;
    raw_call(SYS_msgctl, queue, IPC_RMID);
  }
  return 0;
}

IPCLAB_REAPER ReaperStep set_up(ReaperWork *work, long *result) {
  auto failed = [result](long answer) IPCLAB_REAPER { return (*result = answer) < 0; };
  if (failed(raw_call(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL))) return ReaperStep::DieWithEngine;
  raw_call(SYS_setsid);
  // What we mount must not appear outside; what others mount need not appear here.
  if (failed(raw_call(SYS_mount, 0, address("/"), 0, MS_REC | MS_PRIVATE))) return ReaperStep::PrivateMounts;
  if (work->folder) {
    // Landlock has no say over chmod, utime and extended attributes; read-only mounts have.
    if (failed(raw_call(SYS_mount, address(work->folder), address(work->folder), 0, MS_BIND)))
      return ReaperStep::BindFolder;
    if (failed(set_read_only("/", true, AT_RECURSIVE))) return ReaperStep::ReadOnlyMounts;
    if (failed(set_read_only(work->folder, false, 0))) return ReaperStep::WritableFolder;
  }
  // Refused in a container that covers parts of its /proc. Then that one stays, with other people's processes in it;
  // and writable, because a role's user namespace and the settings below are written there.
  work->own_proc = raw_call(SYS_mount, address("proc"), address("/proc"), address("proc"),
                            MS_NOSUID | MS_NODEV | MS_NOEXEC, address("hidepid=invisible")) == 0;
  if (work->folder && !work->own_proc) set_read_only("/proc", false, 0);
  if (work->last_pid[0] && failed(write_file("/proc/sys/kernel/ns_last_pid", work->last_pid)))
    return ReaperStep::FirstPid;
  if (work->queue_bytes[0] && failed(write_file("/proc/sys/kernel/msgmnb", work->queue_bytes)))
    return ReaperStep::QueueBytes;
  if (failed(burn_ids(work->burnt_ids))) return ReaperStep::BurnIds;
  return ReaperStep::None;
}

}  // namespace

const char *reaper_step_text(ReaperStep step) {
  switch (step) {
    case ReaperStep::None:
      return "start the reaper of the run's namespace";
    case ReaperStep::DieWithEngine:
      return "prctl(PR_SET_PDEATHSIG) in the reaper";
    case ReaperStep::PrivateMounts:
      return "make the mounts of the run's namespace private";
    case ReaperStep::BindFolder:
      return "bind the run's folder onto itself";
    case ReaperStep::ReadOnlyMounts:
      return "make the mounts of the run's namespace read-only";
    case ReaperStep::WritableFolder:
      return "make the run's folder writable again";
    case ReaperStep::FirstPid:
      return "write ns_last_pid of the run's namespace";
    case ReaperStep::QueueBytes:
      return "write msgmnb of the run's namespace";
    case ReaperStep::BurnIds:
      return "use up queue ids in the run's namespace";
  }
  return "";
}

IPCLAB_REAPER int run_reaper(void *argument) {
  ReaperWork *work = static_cast<ReaperWork *>(argument);
  // Orphans that come to us are reaped by the kernel at once when SIGCHLD is ignored (wait(2), NOTES).
  struct {
    uintptr_t handler;
    unsigned long flags;
    uintptr_t restorer;
    uint64_t mask;
  } ignore{reinterpret_cast<uintptr_t>(SIG_IGN), 0, 0, 0};
  raw_call(SYS_rt_sigaction, SIGCHLD, address(&ignore), 0, sizeof ignore.mask);
  raw_call(SYS_dup2, work->ready, 0);
  raw_call(SYS_close_range, 1, ~0u, 0);
  long result = 0;
  work->failed = set_up(work, &result);
  work->error = result < 0 ? static_cast<int>(-result) : 0;
  // Fails with EPIPE if the engine died before PR_SET_PDEATHSIG could see it.
  const char done = 'r';
  if (work->failed != ReaperStep::None || raw_call(SYS_write, 0, address(&done), 1) != 1) return 1;
  raw_call(SYS_close, 0);
  for (;;) raw_call(SYS_pause);
}

}  // namespace ipclab
