// links: supervisor/namespace*.cc supervisor/sandbox.cc supervisor/landlock.cc supervisor/seccomp*.cc
// The sandbox from inside: what is forbidden is tried and refused, what programs need works.
#include <dirent.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <climits>
#include <cstring>

#include "guest.h"
#include "supervisor/seccomp_table.h"

namespace {

using namespace guest;

constexpr uint64_t kMemoryBytes = 64u << 20, kFileBytes = 4096;

std::string read_text(const char *path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string status_field(const std::string &name) {
  std::istringstream lines(read_text("/proc/self/status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.compare(0, name.size() + 1, name + ":") == 0)
      return line.substr(line.find_first_not_of(" \t", name.size() + 1));
  }
  return "";
}

long call(long number, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0) {
  return syscall(number, a, b, c, d, e);
}

// ---- Guests
// ----------------------------------------------------------------------------------------------------------

void is_the_student(Complaints &complaints, const Place &place) {
  complaints.equal("the pid", getpid(), kFirstPid);
  complaints.equal("the parent's pid", getppid(), 0);
  complaints.equal("the user", getuid(), ipclab::kStudentId);
  complaints.equal("the effective user", geteuid(), ipclab::kStudentId);
  complaints.equal("the group", getgid(), ipclab::kStudentId);
  complaints.equal("the session", getsid(0), getpid());
  complaints.equal("the mask", umask(0), static_cast<mode_t>(022));
  char cwd[PATH_MAX] = "";
  complaints.equal("the folder", std::string(getcwd(cwd, sizeof cwd) ? cwd : ""), place.folder);
  for (const char *set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    complaints.equal(set, status_field(set), std::string("0000000000000000"));
  complaints.equal("NoNewPrivs", status_field("NoNewPrivs"), std::string("1"));
  complaints.equal("Seccomp", status_field("Seccomp"), std::string("2"));
  complaints.expect(setuid(0) == -1 && setresuid(0, 0, 0) == -1 && setgid(0) == -1, "no way back to root");
}

void sees_only_the_run(Complaints &complaints, const Place &) {
  DIR *proc = opendir("/proc");
  std::string seen;
  while (const dirent *entry = proc ? readdir(proc) : nullptr) {
    if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9') seen += std::string(entry->d_name) + " ";
  }
  complaints.equal("the processes in /proc", seen, std::to_string(getpid()) + " ");
  complaints.refused("kill(-1, SIGKILL)", kill(-1, SIGKILL), ESRCH);
  int open_descriptors = 0;
  for (int number = 3; number < 256; number++) open_descriptors += fcntl(number, F_GETFD) != -1;
  complaints.equal("descriptors beside stdio (the answer pipe, and /proc)", open_descriptors, 2);
}

void has_no_network(Complaints &complaints, const Place &) {
  complaints.refused("socket(AF_INET)", socket(AF_INET, SOCK_STREAM, 0), EACCES);
  complaints.refused("socket(AF_INET6)", socket(AF_INET6, SOCK_DGRAM, 0), EACCES);
  complaints.refused("socket(AF_NETLINK)", socket(AF_NETLINK, SOCK_RAW, 0), EACCES);
  complaints.refused("socket(AF_UNIX)", socket(AF_UNIX, SOCK_STREAM, 0), EACCES);
  int ends[2];
  complaints.refused("socketpair(SOCK_DGRAM)", socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), EACCES);
  complaints.works("socketpair(SOCK_STREAM)", socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends));
  complaints.works("socketpair(SOCK_SEQPACKET)", socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends));
}

struct Refusal {
  const char *what;
  int error;
  long number, a, b, c, d;
};
const Refusal kRefusals[] = {
    {"ptrace", EPERM, SYS_ptrace, PTRACE_ATTACH, 1, 0, 0},
    {"process_vm_readv", EPERM, SYS_process_vm_readv, 1, 0, 0, 0},
    {"process_vm_writev", EPERM, SYS_process_vm_writev, 1, 0, 0, 0},
    {"pidfd_getfd", EPERM, SYS_pidfd_getfd, 0, 0, 0, 0},
    {"unshare", EPERM, SYS_unshare, CLONE_NEWUSER, 0, 0, 0},
    {"setns", EPERM, SYS_setns, 0, 0, 0, 0},
    {"clone(CLONE_NEWUSER)", EPERM, SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0},
    {"clone(CLONE_UNTRACED)", EPERM, SYS_clone, CLONE_UNTRACED | SIGCHLD, 0, 0, 0},
    {"clone(CLONE_PARENT)", EPERM, SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0},
    {"clone3", ENOSYS, SYS_clone3, 0, 0, 0, 0},
    {"mount", EPERM, SYS_mount, 0, 0, 0, 0},
    {"umount2", EPERM, SYS_umount2, 0, 0, 0, 0},
    {"chroot", EPERM, SYS_chroot, 0, 0, 0, 0},
    {"pivot_root", EPERM, SYS_pivot_root, 0, 0, 0, 0},
    {"open_tree", EPERM, SYS_open_tree, 0, 0, 0, 0},
    {"fsopen", EPERM, SYS_fsopen, 0, 0, 0, 0},
    {"bpf", EPERM, SYS_bpf, 0, 0, 0, 0},
    {"fallocate", EOPNOTSUPP, SYS_fallocate, 1, 0, 0, 4096},
    {"memfd_create", ENOSYS, SYS_memfd_create, 0, 0, 0, 0},
    {"io_uring_setup", ENOSYS, SYS_io_uring_setup, 8, 0, 0, 0},
    {"keyctl", EPERM, SYS_keyctl, 0, 0, 0, 0},
    {"add_key", EPERM, SYS_add_key, 0, 0, 0, 0},
    {"perf_event_open", EPERM, SYS_perf_event_open, 0, 0, 0, 0},
    {"userfaultfd", EPERM, SYS_userfaultfd, 0, 0, 0, 0},
    {"kexec_load", EPERM, SYS_kexec_load, 0, 0, 0, 0},
    {"init_module", EPERM, SYS_init_module, 0, 0, 0, 0},
    {"reboot", EPERM, SYS_reboot, 0, 0, 0, 0},
    {"swapoff", EPERM, SYS_swapoff, 0, 0, 0, 0},
    {"quotactl", EPERM, SYS_quotactl, 0, 0, 0, 0},
    {"acct", EPERM, SYS_acct, 0, 0, 0, 0},
    {"mq_open", ENOSYS, SYS_mq_open, 0, 0, 0, 0},
    {"personality(ADDR_NO_RANDOMIZE)", EPERM, SYS_personality, ADDR_NO_RANDOMIZE, 0, 0, 0},
    {"seccomp(NEW_LISTENER)", EPERM, SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1 << 3, 0, 0},
    {"ioctl(TIOCSTI)", EPERM, SYS_ioctl, 0, TIOCSTI, 0, 0},
};

void is_refused_what_labs_do_not_need(Complaints &complaints, const Place &) {
  for (const Refusal &row : kRefusals)
    complaints.refused(row.what, call(row.number, row.a, row.b, row.c, row.d), row.error);
  complaints.works("personality(query)", personality(0xffffffff));
}

void writes_in_its_folder_alone(Complaints &complaints, const Place &place) {
  const std::string inside = place.folder + "/made", outside = place.outside + "/made",
                    there = place.outside + "/there";
  complaints.works("creating a file inside", open(inside.c_str(), O_CREAT | O_RDWR, 0644));
  complaints.works("creating a file by a relative path", open("relative", O_CREAT | O_RDWR, 0644));
  complaints.works("writing a file that was placed inside", open("placed", O_WRONLY | O_TRUNC));
  complaints.works("renaming inside", rename("relative", "renamed"));
  complaints.works("removing inside", unlink("renamed"));
  complaints.works("chmod inside", chmod(inside.c_str(), 0600));
  complaints.refused("creating a file outside", open(outside.c_str(), O_CREAT | O_RDWR, 0644), EROFS);
  complaints.refused("writing a file outside", open(there.c_str(), O_WRONLY), EROFS);
  complaints.refused("reading a file outside", open(there.c_str(), O_RDONLY), EACCES);
  complaints.refused("listing a folder outside", open(place.outside.c_str(), O_RDONLY | O_DIRECTORY), EACCES);
  complaints.refused("mkdir outside", mkdir(outside.c_str(), 0755), EROFS);
  complaints.refused("removing outside", unlink(there.c_str()), EROFS);
  complaints.refused("chmod outside", chmod(there.c_str(), 0777), EROFS);
  complaints.refused("utimensat outside", utimensat(AT_FDCWD, there.c_str(), nullptr, 0), EROFS);
  complaints.refused("setxattr outside", call(SYS_setxattr, reinterpret_cast<long>(there.c_str())), EFAULT);
  complaints.refused("link from outside", link(there.c_str(), "linked"), EXDEV);
  complaints.works("a symbolic link inside", symlink(there.c_str(), "symbolic"));
  complaints.refused("reading outside through it", open("symbolic", O_RDONLY), EACCES);
  complaints.refused("reading /etc/shadow", open("/etc/shadow", O_RDONLY), EACCES);
  complaints.refused("reading /etc/hostname", open("/etc/hostname", O_RDONLY), EACCES);
  complaints.refused("listing /tmp", open("/tmp", O_RDONLY | O_DIRECTORY), EACCES);
  complaints.refused("listing /dev", open("/dev", O_RDONLY | O_DIRECTORY), EACCES);
  complaints.refused("writing oom_score_adj", open("/proc/self/oom_score_adj", O_WRONLY), EACCES);
  complaints.refused("writing a sysctl", open("/proc/sys/kernel/msgmax", O_WRONLY), EACCES);
  complaints.refused("reading the reaper's environment", open("/proc/1/environ", O_RDONLY), ENOENT);
}

void *start_thread(void *) {
  return nullptr;
}

void does_what_programs_do(Complaints &complaints, const Place &) {
  complaints.works("reading /usr/bin/env", open("/usr/bin/env", O_RDONLY));
  complaints.works("reading /etc/ld.so.cache", open("/etc/ld.so.cache", O_RDONLY));
  complaints.works("writing /dev/null", open("/dev/null", O_RDWR));
  complaints.works("reading /dev/urandom", open("/dev/urandom", O_RDONLY));
  complaints.works("reading /proc/self/maps", open("/proc/self/maps", O_RDONLY));
  complaints.expect(read_text("/proc/self/maps").size() > 100, "/proc/self/maps to hold something");
  pthread_t thread;
  complaints.equal("pthread_create", pthread_create(&thread, nullptr, start_thread, nullptr), 0);
  pthread_join(thread, nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/true", "true", nullptr);
    _exit(127);
  }
  complaints.equal("the child's pid", child, getpid() + 2);  // the thread had the one between
  int status = -1;
  complaints.equal("waitpid", waitpid(child, &status, 0), child);
  complaints.equal("the status of /bin/true", status, 0);
}

void has_its_limits(Complaints &complaints, const Place &) {
  const auto hard = [](__rlimit_resource resource) {
    rlimit limit{};
    getrlimit(resource, &limit);
    return static_cast<unsigned long>(limit.rlim_max);
  };
  complaints.equal("RLIMIT_CORE", hard(RLIMIT_CORE), 0ul);
  complaints.equal("RLIMIT_CPU", hard(RLIMIT_CPU), 3ul);
  complaints.equal("RLIMIT_FSIZE", hard(RLIMIT_FSIZE), static_cast<unsigned long>(kFileBytes));
  complaints.equal("RLIMIT_NOFILE", hard(RLIMIT_NOFILE), 256ul);
  void *memory = mmap(nullptr, 2 * kMemoryBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  complaints.refused("mmap of more than the memory", memory == MAP_FAILED ? -1 : 0, ENOMEM);
  memory = mmap(nullptr, 1ul << 36, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  complaints.works("reserving 64 GiB, as V8 does", memory == MAP_FAILED ? -1 : 0);
  signal(SIGXFSZ, SIG_IGN);
  const int file = open("large", O_CREAT | O_RDWR, 0644);
  const std::string block(kFileBytes, 'x');
  complaints.works("writing up to the file limit", write(file, block.data(), block.size()));
  complaints.refused("writing beyond the file limit", write(file, block.data(), 1), EFBIG);
}

void make_traced_calls(Complaints &, const Place &) {
  struct {
    long type;
    char text[8];
  } message = {1, "x"};
  const int queue = msgget(IPC_PRIVATE, 0600);
  msgsnd(queue, &message, 1, 0);
  msgrcv(queue, &message, 1, 0, IPC_NOWAIT);
  msgctl(queue, IPC_RMID, nullptr);
  prctl(static_cast<int>(ipclab::kMarkerOption), 0, 0, 0, 0);
  prctl(PR_SET_NAME, "guest");
  call(SYS_epoll_wait, -1, 0, 0, 5);
  call(SYS_poll, 0, 0, 1);
  call(SYS_getppid);
}
const std::set<long> kTracedOfThose = {SYS_msgget, SYS_msgsnd, SYS_msgrcv,    SYS_msgctl,
                                       SYS_prctl,  SYS_poll,   SYS_epoll_wait};

void make_untraced_calls(Complaints &, const Place &) {
  call(SYS_poll, 0, 0, 0);
  call(SYS_epoll_wait, -1, 0, 0, 0);
  call(SYS_setitimer, ITIMER_VIRTUAL, 0, 0);
  call(SYS_prctl, PR_SET_NAME, reinterpret_cast<long>("guest"));
  call(SYS_getppid);
}

// ---- Tests
// -----------------------------------------------------------------------------------------------------------

// A guest in a run of its own.
void run_alone(Complaints &complaints, const Place &place, const Guest &guest, int death = 0) {
  const Outcome outcome = run_guest(create_space(place), {}, place, guest);
  report(complaints, outcome);
  complaints.equal("the signal it dies of", WIFSIGNALED(outcome.status) ? WTERMSIG(outcome.status) : 0, death);
}

// For tests of what /proc shows; the machine's own stays where a container covers parts of it.
template <guest::Body body>
void alone_in_proc(Complaints &complaints, const Place &place) {
  if (!create_space(place).own_proc()) _exit(kNoOwnProc);
  run_alone(complaints, place, body);
}

template <guest::Body body>
void alone(Complaints &complaints, const Place &place) {
  run_alone(complaints, place, body);
}

// As a zygote does, before it forks.
template <guest::Body body>
void prepared(Complaints &complaints, const Place &place) {
  ipclab::prepare_to_confine();
  run_alone(complaints, place, body);
}

// As a TypeScript process, whose memory is counted on top of its runtime's: a sanitizer's shadow is even larger than
// V8.
void limits_hold(Complaints &complaints, const Place &place) {
  Confinement confinement;
  confinement.cpu_ms = 1500;
  confinement.file_bytes = kFileBytes;
  confinement.memory_bytes = kMemoryBytes;
  confinement.typescript = true;
  report(complaints, run_guest(create_space(place), confinement, place, has_its_limits));
}

void x32_call_kills(Complaints &complaints, const Place &place) {
  run_alone(
      complaints, place, [](Complaints &, const Place &) { syscall(0x40000000 | SYS_getpid); }, SIGSYS);
}

void i386_call_kills(Complaints &complaints, const Place &place) {
  const Guest guest = [](Complaints &, const Place &) {
    long result = 20;  // getpid of i386
    __asm__ volatile("int $0x80" : "+a"(result) : : "r8", "r9", "r10", "r11", "memory");
  };
  run_alone(complaints, place, guest, SIGSYS);
}

void shows_traced_calls(Complaints &complaints, const Place &place) {
  const RunSpace space = create_space(place);
  const Outcome outcome = run_guest(space, {}, place, make_traced_calls);
  report(complaints, outcome);
  complaints.expect(outcome.traced == kTracedOfThose, "the filter to show the traced calls and no others");
  const Outcome silent = run_guest(space, {}, place, make_untraced_calls);
  report(complaints, silent);
  complaints.expect(silent.traced.empty(), "the filter to show nothing of harmless calls");
}

// Two fences round the files; the other tests meet the mounts first.
void is_fenced_by_landlock_alone(Complaints &complaints, const Place &place) {
  const RunSpace space = RunSpace::create({});
  report(complaints, run_guest(space, {}, place, [](Complaints &inner, const Place &inside) {
           const std::string outside = inside.outside + "/made", there = inside.outside + "/there";
           inner.works("creating a file inside", open("made", O_CREAT | O_RDWR, 0644));
           inner.refused("creating a file outside", open(outside.c_str(), O_CREAT | O_RDWR, 0644), EACCES);
           inner.refused("writing a file outside", open(there.c_str(), O_WRONLY), EACCES);
           inner.refused("truncating a file outside", truncate(there.c_str(), 0), EACCES);
           inner.refused("mkdir outside", mkdir(outside.c_str(), 0755), EACCES);
           inner.refused("removing outside", unlink(there.c_str()), EACCES);
         }));
}

void counts_pids_from_the_first(Complaints &complaints, const Place &place) {
  const RunSpace space = create_space(place);
  for (int i = 0; i < 3; i++) {
    report(complaints, run_guest(space, {}, place, [i](Complaints &inner, const Place &) {
             inner.equal("the pid", getpid(), kFirstPid + i);
           }));
  }
}

// As separate Landlock domains of one run: what speaks against Landlock's scope for signals.
void signals_a_sibling(Complaints &complaints, const Place &place) {
  const RunSpace space = create_space(place);
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return complaints.add("no pipe");
  Confinement confinement;
  confinement.folder = place.folder;
  confinement.space = space.descriptor();
  confinement.kept = {ready[1]};
  const pid_t sleeper = fork_into(space.descriptor(), [&] {
    ipclab::confine(confinement);
    if (write(ready[1], "r", 1) != 1) _exit(1);
    for (;;) pause();
  });
  char go = 0;
  complaints.expect(read(ready[0], &go, 1) == 1, "the sleeper to begin");
  report(complaints, run_guest(space, {}, place, [](Complaints &inner, const Place &) {
           inner.works("kill(sibling, SIGTERM)", kill(kFirstPid, SIGTERM));
         }));
  // The tracer's loop may have taken the status already.
  int status = SIGTERM;
  if (complaints.text().empty()) waitpid(sleeper, &status, 0);
  complaints.equal("what ended the sleeper", status, static_cast<int>(SIGTERM));
  close(ready[0]);
  close(ready[1]);
}

void takes_everything_with_it(Complaints &complaints, const Place &place) {
  int held[2];
  if (pipe2(held, O_CLOEXEC) != 0) return complaints.add("no pipe");
  {
    const RunSpace space = create_space(place);
    Confinement confinement;
    confinement.kept = {held[1]};
    report(complaints, run_guest(space, confinement, place, [](Complaints &inner, const Place &) {
             // A daemon: orphaned, in a session of its own, deaf to what can be ignored.
             if (fork() == 0) {
               setsid();
               for (int signal = 1; signal < 32; signal++) ::signal(signal, SIG_IGN);
               if (fork() != 0) _exit(0);
               for (;;) pause();
             }
             inner.works("wait", wait(nullptr));
           }));
    close(held[1]);
  }
  char none;
  complaints.equal("what a reader gets when all writers are gone", read(held[0], &none, 1), static_cast<ssize_t>(0));
  close(held[0]);
}

void has_queues_of_its_own(Complaints &complaints, const Place &place) {
  constexpr key_t kKey = 0x1234;
  RunSpaceOptions options;
  options.queue_bytes = 30000;
  options.burnt_ids = 1;
  const RunSpace space = create_space(place, options);
  options.queue_bytes = 0;
  options.burnt_ids = 0;
  const RunSpace other = create_space(place, options);
  report(complaints, run_guest(space, {}, place, [](Complaints &inner, const Place &) {
           const int queue = msgget(kKey, IPC_CREAT | IPC_EXCL | 0600);
           inner.expect(queue > 0, "an id that is not 0");
           msqid_ds data{};
           inner.works("IPC_STAT", msgctl(queue, IPC_STAT, &data));
           inner.equal("msg_qbytes", static_cast<long>(data.msg_qbytes), 30000l);
         }));
  report(complaints, run_guest(other, {}, place, [](Complaints &inner, const Place &) {
           inner.equal("the first id of an untouched namespace", msgget(kKey, IPC_CREAT | IPC_EXCL | 0600), 0);
         }));
  space.join_ipc();
  complaints.works("msgget by who joined the namespace", msgget(kKey, 0));
  space.leave_ipc();
  complaints.refused("msgget by who left it", msgget(kKey, 0), ENOENT);
}

}  // namespace

TEST_CONFINED("a process is the student, without rights, in a session and folder of its own", alone<is_the_student>);
TEST_CONFINED("a process is the student, too, if much of that was prepared", prepared<is_the_student>);
TEST_CONFINED("a process sees and reaches only its run", alone_in_proc<sees_only_the_run>);
TEST_CONFINED("a process has no network", alone<has_no_network>);
TEST_CONFINED("a process is refused what no lab needs", alone<is_refused_what_labs_do_not_need>);
TEST_CONFINED("a process is refused the same, if much of that was prepared",
              prepared<is_refused_what_labs_do_not_need>);
TEST_CONFINED("a process writes in its folder alone, and reads little else", alone_in_proc<writes_in_its_folder_alone>);
TEST_CONFINED("Landlock alone keeps a process in its folder", is_fenced_by_landlock_alone);
TEST_CONFINED("a process has threads, children, libraries and devices", alone<does_what_programs_do>);
TEST_CONFINED("a process has its limits", limits_hold);
TEST_CONFINED("an x32 call kills", x32_call_kills);
TEST_CONFINED("an i386 call kills", i386_call_kills);
TEST_CONFINED("the filter shows the traced calls and no others", shows_traced_calls);
TEST_CONFINED("the pids of a run begin at the first one", counts_pids_from_the_first);
TEST_CONFINED("processes of a run can signal each other", signals_a_sibling);
TEST_CONFINED("a run that ends takes its daemons with it", takes_everything_with_it);
TEST_CONFINED("a run has queues of its own, limits and ids as asked", has_queues_of_its_own);
