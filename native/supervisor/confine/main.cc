// confine <folder> [<readable folder> ...] -- <program> [argument ...]: runs a program that a submission has a say in,
// such as make, as the student's user. It may write below the folder only, and read below the others and where programs
// and their libraries are. Expects to be root of the namespaces around it.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "supervisor/sandbox.h"

namespace {

constexpr int kFault = 125;  // as env(1): the tool itself failed

int fail(const std::string &what) {
  fprintf(stderr, "confine: %s\n", what.c_str());
  return kFault;
}

}  // namespace

int main(int argc, char **argv) {
  ipclab::Confinement confinement;
  int at = 1;
  for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
    if (at == 1)
      confinement.folder = argv[at];
    else
      confinement.readable.push_back(argv[at]);
  }
  if (confinement.folder.empty() || at + 1 >= argc)
    return fail("Usage: confine <folder> [<readable folder> ...] -- <program> [argument ...]");
  // What a compiler may need, with room to spare.
  confinement.cpu_ms = 60'000;
  confinement.memory_bytes = 1ull << 30;
  confinement.file_bytes = 256ull << 20;
  confinement.tasks = 128;
  try {
    ipclab::confine(confinement);
  } catch (const ipclab::Fault &fault) {
    return fail(fault.what());
  }
  execvp(argv[at + 1], argv + at + 1);
  return fail(std::string(argv[at + 1]) + ": " + strerror(errno));
}
