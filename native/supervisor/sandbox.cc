#include "sandbox.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "landlock.h"

namespace ipclab {
namespace {

constexpr uint64_t kStackBytes = 8u << 20;  // what Linux gives by default
constexpr uint64_t kOpenFiles = 256;
// A fence behind the plan's own limit, which the tracer holds: counted for one user over all runs of a machine.
constexpr uint64_t kTasks = 4096;

void set_limit(__rlimit_resource resource, uint64_t soft, uint64_t hard, const char *step) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0) throw Fault(step, errno);
  // Whoever started the grader may have less than we would give.
  if (limit.rlim_max < hard) hard = limit.rlim_max;
  if (soft > hard) soft = hard;
  limit.rlim_cur = soft;
  limit.rlim_max = hard;
  if (setrlimit(resource, &limit) != 0) throw Fault(step, errno);
}
void set_limit(__rlimit_resource resource, uint64_t value, const char *step) {
  set_limit(resource, value, value, step);
}

// Private writable memory that the process has now, as RLIMIT_DATA counts it (getrlimit(2); proc_pid_statm(5): "data").
uint64_t read_data_bytes() {
  FILE *file = fopen("/proc/self/statm", "re");
  if (!file) return 0;
  unsigned long data = 0;
  const int fields = fscanf(file, "%*u %*u %*u %*u %*u %lu", &data);
  fclose(file);
  return fields == 1 ? data * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)) : 0;
}

void limit_resources(const Confinement &confinement) {
  set_limit(RLIMIT_CORE, 0, "limit core files");
  set_limit(RLIMIT_NOFILE, kOpenFiles, "limit open files");
  set_limit(RLIMIT_NPROC, kTasks, "limit tasks");
  set_limit(RLIMIT_STACK, kStackBytes, "limit the stack");
  set_limit(RLIMIT_MEMLOCK, 1u << 20, "limit locked memory");
  if (confinement.file_bytes) set_limit(RLIMIT_FSIZE, confinement.file_bytes, "limit the size of files");
  if (confinement.cpu_ms) {
    // SIGXCPU says which limit it was; a process that ignores it dies a second later.
    const uint64_t seconds = (confinement.cpu_ms + 999) / 1000;
    set_limit(RLIMIT_CPU, seconds, seconds + 1, "limit CPU time");
  }
  if (confinement.memory_bytes) {
    // Not RLIMIT_AS: V8 reserves address space by the gigabyte and never touches most of it.
    const uint64_t runtime = confinement.typescript ? read_data_bytes() : 0;
    set_limit(RLIMIT_DATA, confinement.memory_bytes + runtime, "limit memory");
  }
}

// Those of a TypeScript process are its runtime's own (event loop, thread pool): they stay, until an exec.
void close_descriptors(const Confinement &confinement, int rules) {
  if (confinement.typescript) {
    if (close_range(3, ~0u, CLOSE_RANGE_CLOEXEC) != 0) throw Fault("close_range", errno);
    return;
  }
  std::vector<int> kept = confinement.kept;
  if (rules >= 0) kept.push_back(rules);
  std::sort(kept.begin(), kept.end());
  unsigned from = 3;
  for (int descriptor : kept) {
    const unsigned number = static_cast<unsigned>(descriptor);
    if (number < from) continue;
    if (number > from) close_range(from, number - 1, 0);
    from = number + 1;
  }
  if (close_range(from, ~0u, 0) != 0) throw Fault("close_range", errno);
}

bool write_file(const char *path, const char *text, size_t size) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = write(file, text, size) == static_cast<ssize_t>(size);
  const int error = errno;
  close(file);
  errno = error;
  return written;
}

bool has_own_namespace = false;

// A user namespace in which this process' user has the student's number and is the only one. False where it is refused.
bool enter_namespace_of_student() {
  char map[64];
  const int users = snprintf(map, sizeof map, "%u %u 1\n", kStudentId, geteuid());
  if (unshare(CLONE_NEWUSER) != 0) return false;
  if (!write_file("/proc/self/setgroups", "deny", 4) && errno != EPERM) throw Fault("deny setgroups", errno);
  if (!write_file("/proc/self/uid_map", map, static_cast<size_t>(users))) throw Fault("map the student's user", errno);
  if (!write_file("/proc/self/gid_map", map, static_cast<size_t>(users))) throw Fault("map the student's group", errno);
  has_own_namespace = true;
  return true;
}

bool bounding_set_is_empty = false;

// Goes first, because it needs a capability that goes with the user. In a new user namespace the set is full again.
void drop_bounding_set() {
  int capability = 0;
  while (prctl(PR_CAPBSET_DROP, capability) == 0) capability++;
  bounding_set_is_empty = capability > 0 && errno == EINVAL;  // there is none of that number
}

void drop_capabilities() {
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct none[2] = {};
  if (syscall(SYS_capset, &header, none) != 0) throw Fault("capset", errno);
}

void become_student() {
  if (geteuid() != 0) return drop_capabilities();  // no namespaces at all here: stays the invoking user, as doctor says
  if (setresgid(kStudentId, kStudentId, kStudentId) == 0) {
    if (!bounding_set_is_empty) drop_bounding_set();
    if (setgroups(0, nullptr) != 0) throw Fault("setgroups", errno);
    if (setresuid(kStudentId, kStudentId, kStudentId) != 0) throw Fault("setresuid", errno);
  } else if (errno == EINVAL) {
    // The invoking user is the only one here (userns-exec), so one more namespace gives them the student's number.
    if (!enter_namespace_of_student()) throw Fault("unshare(user namespace of the student)", errno);
    drop_bounding_set();
  } else {
    throw Fault("setresgid", errno);
  }
  drop_capabilities();
  if (getuid() != kStudentId || geteuid() != kStudentId || getgid() != kStudentId || setresuid(0, 0, 0) == 0)
    throw Fault("Expected to be the student's user, is not", EPERM);
}

// The tasks of a user are counted in each user namespace apart (since Linux 5.14), and otherwise together with those of
// all runs of the machine: then the fence that all have is all there is.
void limit_tasks(uint64_t tasks) {
  if (!has_own_namespace) {
    if (!enter_namespace_of_student()) return;
    drop_bounding_set();
    drop_capabilities();
  }
  set_limit(RLIMIT_NPROC, tasks, "limit tasks");
}

}  // namespace

void prepare_to_confine() {
  drop_bounding_set();
  prepare_filters();
  open_common_paths();
}

// The order matters: joining needs the rights that come with root, paths are opened while they can be, and Landlock
// comes last because it would forbid the writes before it.
void confine(const Confinement &confinement) {
  if (confinement.space >= 0 && setns(confinement.space, CLONE_NEWIPC | CLONE_NEWNS) != 0)
    throw Fault("setns(IPC and mount namespace of the run)", errno);
  setsid();  // a session each: kill(0) reaches one's own children, no terminal is ours to signal
  umask(022);
  if (chdir(confinement.folder.c_str()) != 0) throw Fault("chdir(" + confinement.folder + ")", errno);
  const int rules = create_file_rules(confinement.folder, confinement.readable);
  close_descriptors(confinement, rules);
  limit_resources(confinement);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw Fault("prctl(PR_SET_NO_NEW_PRIVS)", errno);
  become_student();
  // Cleared by the change of user, and then /proc/self would be root's.
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  if (confinement.tasks) limit_tasks(confinement.tasks);
  restrict_files(rules);
  if (access(confinement.folder.c_str(), R_OK | W_OK | X_OK) != 0)
    throw Fault("Expected " + confinement.folder + " to be reachable and writable for user " +
                    std::to_string(kStudentId) + " (folders above it need mode 711 or more)",
                errno);
}

}  // namespace ipclab
