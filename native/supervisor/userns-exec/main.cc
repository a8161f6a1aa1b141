// userns-exec <program> [argument …]: runs the program as root of a new user namespace, in which the invoking user is
// the only one there is. That gives an ordinary user's engine the right to make the other namespaces of a run, and no
// right outside.
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace {

constexpr int kFault = 125;  // as env(1): the tool itself failed

int fail(const char *what) {
  fprintf(stderr, "userns-exec: %s: %s. `ipclab doctor` says what this machine allows.\n", what, strerror(errno));
  return kFault;
}

bool write_file(const char *path, const char *text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = write(file, text, strlen(text)) == static_cast<ssize_t>(strlen(text));
  const int error = errno;
  close(file);
  errno = error;
  return written;
}

}  // namespace

int main(int argc, char **argv) {
  if (argc < 2) {
    fprintf(stderr, "Usage: userns-exec <program> [argument ...]\n");
    return kFault;
  }
  char users[64], groups[64];
  snprintf(users, sizeof users, "0 %u 1\n", geteuid());
  snprintf(groups, sizeof groups, "0 %u 1\n", getegid());
  if (unshare(CLONE_NEWUSER) != 0) return fail("Expected to make a user namespace, was refused");
  // Without "deny" an ordinary user may not map groups (user_namespaces(7)).
  if (!write_file("/proc/self/setgroups", "deny") || !write_file("/proc/self/uid_map", users) ||
      !write_file("/proc/self/gid_map", groups))
    return fail("Expected to map the user into the namespace, was refused");
  execvp(argv[1], argv + 1);
  return fail(argv[1]);
}
