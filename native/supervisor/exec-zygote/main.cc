// exec-zygote: forks the executables of runs, as the zygote forks TypeScript roles. The engine could fork them itself,
// but is a whole Node: page tables to copy, and other threads, after which a child may do next to nothing before exec.
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "supervisor/zygote.h"

int main() {
  try {
    ipclab::zygote_announce();
    for (;;) {
      ipclab::Launch launch;
      if (!ipclab::zygote_receive(&launch)) return 0;
      const pid_t pid = fork();
      if (pid == 0) ipclab::zygote_begin(launch);
      ipclab::zygote_answer(launch, pid);
    }
  } catch (const std::exception &error) {
    fprintf(stderr, "exec-zygote: %s\n", error.what());
    return 2;
  }
}
