#include "seccomp_table.h"

#include <linux/sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <cerrno>

// Calls that the headers of the machine that builds may not know yet.
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif

namespace ipclab {
namespace {

constexpr SeccompRow trace(uint32_t call) {
  return {call, Verdict::Trace, 0, Test::Always, 0, 0};
}
constexpr SeccompRow trace_if(uint32_t call, uint8_t argument, Test test, uint32_t value) {
  return {call, Verdict::Trace, 0, test, argument, value};
}
constexpr SeccompRow allow_if(uint32_t call, uint8_t argument, Test test, uint32_t value) {
  return {call, Verdict::Allow, 0, test, argument, value};
}
constexpr SeccompRow refuse(uint32_t call, int error = EPERM) {
  return {call, Verdict::Refuse, error, Test::Always, 0, 0};
}
constexpr SeccompRow refuse_if(uint32_t call, uint8_t argument, Test test, uint32_t value, int error = EPERM) {
  return {call, Verdict::Refuse, error, test, argument, value};
}

// Namespaces; a child without our tracer, which would keep the filter and have no traced call but ENOSYS; a child
// traced by its maker; a sibling in a child's stead.
constexpr uint32_t kRefusedClones = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
                                    CLONE_NEWPID | CLONE_NEWNET | CLONE_UNTRACED | CLONE_PTRACE | CLONE_PARENT;
constexpr uint32_t kNewListener = 1u << 3;   // SECCOMP_FILTER_FLAG_NEW_LISTENER
constexpr uint32_t kDatagramBit = 2;         // set in SOCK_DGRAM and SOCK_RAW, clear in SOCK_STREAM and SOCK_SEQPACKET
constexpr uint32_t kQueryPersonality = ~0u;  // personality(2)

}  // namespace

const SeccompRow kSeccompRows[] = {
    // System V IPC. glibc's semop is semtimedop.
    trace(SYS_msgget),
    trace(SYS_msgsnd),
    trace(SYS_msgrcv),
    trace(SYS_msgctl),
    trace(SYS_shmget),
    trace(SYS_shmat),
    trace(SYS_shmdt),
    trace(SYS_shmctl),
    trace(SYS_semget),
    trace(SYS_semop),
    trace(SYS_semtimedop),
    trace(SYS_semctl),
    // Processes. Threads start unseen here; the tracer meets them as PTRACE_EVENT_CLONE. clone3 keeps its flags in
    // memory, where a filter
    // cannot look: ENOSYS makes glibc use clone.
    refuse_if(SYS_clone, 0, Test::AnyBit, kRefusedClones),
    allow_if(SYS_clone, 0, Test::AnyBit, CLONE_THREAD),
    trace(SYS_clone),
    trace(SYS_fork),
    trace(SYS_vfork),
    refuse(SYS_clone3, ENOSYS),
    trace(SYS_execve),
    trace(SYS_execveat),
    trace(SYS_wait4),
    trace(SYS_waitid),
    trace_if(SYS_prctl, 0, Test::Equal, kMarkerOption),
    trace_if(SYS_prctl, 0, Test::Equal, kHandlerOption),
    // Signals.
    trace(SYS_kill),
    trace(SYS_tkill),
    trace(SYS_tgkill),
    trace(SYS_rt_sigqueueinfo),
    trace(SYS_rt_tgsigqueueinfo),
    trace(SYS_pidfd_send_signal),
    trace(SYS_rt_sigaction),
    trace(SYS_rt_sigreturn),
    trace(SYS_rt_sigprocmask),
    trace(SYS_rt_sigpending),
    trace(SYS_rt_sigsuspend),
    trace(SYS_rt_sigtimedwait),
    trace(SYS_pause),
    trace(SYS_alarm),
    trace_if(SYS_setitimer, 0, Test::Equal, ITIMER_REAL),
    trace(SYS_timer_settime),
    // Waiting for time or for files. A timeout of 0 does not wait.
    trace(SYS_nanosleep),
    trace(SYS_clock_nanosleep),
    trace_if(SYS_poll, 2, Test::NotEqual, 0),
    trace(SYS_ppoll),
    trace(SYS_select),
    trace(SYS_pselect6),
    trace_if(SYS_epoll_wait, 3, Test::NotEqual, 0),
    trace_if(SYS_epoll_pwait, 3, Test::NotEqual, 0),
    trace(SYS_epoll_pwait2),

    // Ways around the lab: network, and IPC of other kinds that no rule could see. Not even sockets of the file system:
    // behind those
    // may be a session bus or a container daemon, over which Landlock has no say. Node needs pairs for its own child
    // processes;
    // of a kind that cannot send elsewhere.
    refuse(SYS_socket, EACCES),
    refuse_if(SYS_socketpair, 0, Test::NotEqual, AF_UNIX, EACCES),
    refuse_if(SYS_socketpair, 1, Test::AnyBit, kDatagramBit, EACCES),
    refuse(SYS_mq_open, ENOSYS),
    refuse(SYS_mq_unlink, ENOSYS),

    // Ways around the supervisor.
    refuse(SYS_ptrace),
    refuse(SYS_process_vm_readv),
    refuse(SYS_process_vm_writev),
    refuse(SYS_process_madvise),
    refuse(SYS_process_mrelease),
    refuse(SYS_pidfd_getfd),
    refuse(SYS_kcmp),
    refuse_if(SYS_seccomp, 1, Test::AnyBit, kNewListener),
    refuse_if(SYS_personality, 0, Test::NotEqual, kQueryPersonality),
    refuse_if(SYS_ioctl, 1, Test::Equal, TIOCSTI),

    // Ways to other rights and other views of the machine.
    refuse(SYS_unshare),
    refuse(SYS_setns),
    refuse(SYS_mount),
    refuse(SYS_umount2),
    refuse(SYS_pivot_root),
    refuse(SYS_chroot),
    refuse(SYS_open_tree),
    refuse(SYS_open_tree_attr),
    refuse(SYS_move_mount),
    refuse(SYS_mount_setattr),
    refuse(SYS_fsopen),
    refuse(SYS_fsconfig),
    refuse(SYS_fsmount),
    refuse(SYS_fspick),
    refuse(SYS_name_to_handle_at),
    refuse(SYS_open_by_handle_at),
    refuse(SYS_fanotify_init),
    refuse(SYS_fanotify_mark),

    // They take memory and disk at once, where writing costs the time that is limited. posix_fallocate(3) then writes.
    refuse(SYS_fallocate, EOPNOTSUPP),
    refuse(SYS_memfd_create, ENOSYS),
    refuse(SYS_memfd_secret, ENOSYS),

    // Kernel surface that no lab needs. io_uring makes calls that no filter sees; libuv goes on without it.
    refuse(SYS_io_uring_setup, ENOSYS),
    refuse(SYS_io_uring_enter, ENOSYS),
    refuse(SYS_io_uring_register, ENOSYS),
    refuse(SYS_bpf),
    refuse(SYS_perf_event_open),
    refuse(SYS_userfaultfd),
    refuse(SYS_add_key),
    refuse(SYS_request_key),
    refuse(SYS_keyctl),
    refuse(SYS_kexec_load),
    refuse(SYS_kexec_file_load),
    refuse(SYS_init_module),
    refuse(SYS_finit_module),
    refuse(SYS_delete_module),
    refuse(SYS_reboot),
    refuse(SYS_swapon),
    refuse(SYS_swapoff),
    refuse(SYS_acct),
    refuse(SYS_quotactl),
    refuse(SYS_quotactl_fd),
    refuse(SYS_syslog),
    refuse(SYS_vhangup),
    refuse(SYS_sethostname),
    refuse(SYS_setdomainname),
    refuse(SYS_settimeofday),
    refuse(SYS_adjtimex),
    refuse(SYS_clock_settime),
    refuse(SYS_clock_adjtime),
    refuse(SYS_iopl),
    refuse(SYS_ioperm),
    refuse(SYS_modify_ldt),
    refuse(SYS_uselib),
    refuse(SYS_migrate_pages),
    refuse(SYS_move_pages),
};
const size_t kSeccompRowCount = sizeof kSeccompRows / sizeof *kSeccompRows;

// Calls on files, in a run that asks for them. Of the standard streams nothing is to be learnt here.
const SeccompRow kFileRows[] = {
    allow_if(SYS_read, 0, Test::Equal, 0),
    trace(SYS_read),
    allow_if(SYS_write, 0, Test::Equal, 1),
    allow_if(SYS_write, 0, Test::Equal, 2),
    trace(SYS_write),
    allow_if(SYS_writev, 0, Test::Equal, 1),
    allow_if(SYS_writev, 0, Test::Equal, 2),
    trace(SYS_writev),
    trace(SYS_open),
    trace(SYS_openat),
    trace(SYS_creat),
    trace(SYS_pread64),
    trace(SYS_readv),
    trace(SYS_preadv),
    trace(SYS_pwrite64),
    trace(SYS_pwritev),
    trace(SYS_sendfile),
    trace(SYS_copy_file_range),
    trace(SYS_truncate),
    trace(SYS_ftruncate),
    trace(SYS_close),
    trace(SYS_rename),
    trace(SYS_renameat),
    trace(SYS_renameat2),
    trace(SYS_link),
    trace(SYS_linkat),
    trace(SYS_symlink),
    trace(SYS_symlinkat),
    trace(SYS_unlink),
    trace(SYS_unlinkat),
    trace(SYS_mkdir),
    trace(SYS_mkdirat),
    trace(SYS_rmdir),
    trace(SYS_getdents),
    trace(SYS_getdents64),
    // Its flags are in memory, where a filter cannot look; nobody minds to be told that there is only openat.
    refuse(SYS_openat2, ENOSYS),
    refuse(SYS_preadv2, ENOSYS),
    refuse(SYS_pwritev2, ENOSYS),
};
const size_t kFileRowCount = sizeof kFileRows / sizeof *kFileRows;

}  // namespace ipclab
