#include "landlock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "fault.h"

namespace ipclab {
namespace {

// linux/landlock.h of the machine that builds may be older than the kernel that runs; numbers from landlock(7).
constexpr uint64_t bit(int n) {
  return 1ull << n;
}
constexpr uint64_t kExecute = bit(0), kWriteFile = bit(1), kReadFile = bit(2), kReadDir = bit(3), kMakeChar = bit(6),
                   kMakeBlock = bit(11), kTruncate = bit(14);
constexpr uint64_t kReading = kExecute | kReadFile | kReadDir;
constexpr uint64_t kForFiles = kExecute | kWriteFile | kReadFile | kTruncate;

struct RulesetAttr {
  uint64_t handled_files, handled_network, scoped;
};
struct PathAttr {
  uint64_t allowed;
  int32_t parent;
} __attribute__((packed));
constexpr unsigned kVersionFlag = 1;
constexpr int kPathBeneath = 1;

// What each version of Landlock can restrict, the newest that applies counts.
struct Version {
  int abi;
  int file_rights;  // the lowest so many bits
  uint64_t network, scoped;
  size_t size;  // of RulesetAttr, as that version knows it
};
// Network: TCP bind and connect. Scoped: abstract sockets (bit 0). Signals (bit 1) are not: each process of a run has a
// domain of its own, and could then not signal its siblings; who else there is, the PID namespace hides.
constexpr Version kVersions[] = {
    {1, 13, 0, 0, 8}, {2, 14, 0, 0, 8}, {3, 15, 0, 0, 8}, {4, 15, 3, 0, 16}, {5, 16, 3, 0, 16}, {6, 16, 3, 1, 24},
};

// What dynamically linked programs and Node open by themselves, beside /proc.
struct Common {
  const char *path;
  uint64_t rights;
};
constexpr Common kCommon[] = {
    {"/usr", kReading},
    {"/lib", kReading},
    {"/lib64", kReading},
    {"/bin", kReading},
    {"/sbin", kReading},
    {"/etc/alternatives", kReading},
    {"/etc/ld.so.cache", kReadFile},
    {"/etc/localtime", kReadFile},
    {"/etc/passwd", kReadFile},
    {"/etc/group", kReadFile},
    {"/etc/nsswitch.conf", kReadFile},
    {"/etc/ssl/openssl.cnf", kReadFile},
    {"/sys/devices/system/cpu", kReadFile | kReadDir},
    {"/dev/null", kReadFile | kWriteFile | kTruncate},
    {"/dev/zero", kReadFile | kWriteFile | kTruncate},
    {"/dev/full", kReadFile | kWriteFile | kTruncate},
    {"/dev/random", kReadFile},
    {"/dev/urandom", kReadFile},
};

struct Opened {
  int descriptor;
  uint64_t rights;
};

// Of a path that is not there nobody gets a right: descriptor -1.
Opened open_path(const char *path, uint64_t rights) {
  const int descriptor = open(path, O_PATH | O_CLOEXEC);
  struct stat status;
  if (descriptor >= 0 && fstat(descriptor, &status) == 0 && !S_ISDIR(status.st_mode)) rights &= kForFiles;
  return {descriptor, rights};
}

// Those of kCommon, from open_common_paths until they are used.
std::vector<Opened> common_paths;

void allow(int ruleset, const Opened &path, uint64_t handled) {
  if (path.descriptor < 0) return;
  const PathAttr rule{path.rights & handled, path.descriptor};
  const long added = syscall(SYS_landlock_add_rule, ruleset, kPathBeneath, &rule, 0);
  const int error = errno;
  close(path.descriptor);
  if (added == 0) return;
  close(ruleset);
  throw Fault("landlock_add_rule", error);
}

}  // namespace

int landlock_abi() {
  const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, kVersionFlag);
  return abi < 0 ? 0 : static_cast<int>(abi);
}

void open_common_paths() {
  if (landlock_abi() == 0) return;
  for (const Common &common : kCommon) common_paths.push_back(open_path(common.path, common.rights));
}

int create_file_rules(const std::string &writable, const std::vector<std::string> &readable) {
  const Version *version = nullptr;
  const int abi = landlock_abi();
  for (const Version &known : kVersions) {
    if (known.abi <= abi) version = &known;
  }
  if (!version) return -1;
  const uint64_t handled = (1ull << version->file_rights) - 1;
  const RulesetAttr attributes{handled, version->network, version->scoped};
  const int ruleset = static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, version->size, 0));
  if (ruleset < 0) throw Fault("landlock_create_ruleset", errno);
  if (common_paths.empty()) open_common_paths();
  for (const Opened &path : common_paths) allow(ruleset, path, handled);
  common_paths.clear();
  // Where a run has a /proc of its own, it is another one each time.
  allow(ruleset, open_path("/proc", kReadFile | kReadDir), handled);
  for (const std::string &path : readable) allow(ruleset, open_path(path.c_str(), kReading), handled);
  allow(ruleset, open_path(writable.c_str(), ~(kMakeChar | kMakeBlock)), handled);
  return ruleset;
}

void restrict_files(int ruleset) {
  if (ruleset < 0) return;
  const long restricted = syscall(SYS_landlock_restrict_self, ruleset, 0);
  const int error = errno;
  close(ruleset);
  if (restricted != 0) throw Fault("landlock_restrict_self", error);
}

}  // namespace ipclab
