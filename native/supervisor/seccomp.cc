#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "sandbox.h"
#include "seccomp_program.h"

namespace ipclab {

void install_filter(bool file_calls) {
  std::vector<SeccompRow> rows(kSeccompRows, kSeccompRows + kSeccompRowCount);
  if (file_calls) rows.insert(rows.end(), kFileRows, kFileRows + kFileRowCount);
  std::vector<sock_filter> code = create_program(rows.data(), rows.size());
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0) throw Fault("install the seccomp filter", errno);
}

}  // namespace ipclab
