#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox.h"
#include "seccomp_program.h"

namespace ipclab {
namespace {

using Code = std::vector<sock_filter>;

Code create_filter(bool file_calls) {
  std::vector<SeccompRow> rows(kSeccompRows, kSeccompRows + kSeccompRowCount);
  if (file_calls) rows.insert(rows.end(), kFileRows, kFileRows + kFileRowCount);
  return create_program(rows.data(), rows.size());
}

Code &filter(bool file_calls) {
  static Code with = create_filter(true), without = create_filter(false);
  return file_calls ? with : without;
}

}  // namespace

void prepare_filters() {
  filter(false);
}

void install_filter(bool file_calls) {
  Code &code = filter(file_calls);
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) throw Fault("install the seccomp filter", errno);
}

}  // namespace ipclab
