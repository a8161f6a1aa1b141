// How a process of a run comes into being: what its birth needs, and what it does before the student's program runs.
#pragma once
#include <sys/types.h>

#include <string>
#include <vector>

#include "sandbox.h"

namespace ipclab {

// Option of prctl(2) that nobody uses, traced by the filter: "the student's program begins with the next instruction".
constexpr int kBeginMarker = 0x49504331;  // 'IPC1'

// One process to start. Descriptors belong to the caller; `gate` is one end of a socket pair.
struct Launch {
  Confinement confinement;
  int bundle = 0;          // TypeScript: the zygote's number of the program
  std::string executable;  // otherwise
  std::string name;        // argv[0] of an executable
  std::vector<std::string> args;
  std::vector<std::string> env;  // NAME=value
  bool file_calls = false;       // traced, too
  int standard_input = -1, standard_output = -1, standard_error = -1, gate = -1, pid_ns = -1;
};

// In the new process: stdio, then wait at the gate (the engine attaches meanwhile), then confinement, filter and
// marker. A failure is told through the gate and ends the process.
void begin_role(const Launch &launch);

// Forks an executable role from the engine; answers its pid.
pid_t fork_executable(const Launch &launch);

// The engine's side of the gate: let the process go on. And what it said when it could not.
void open_gate(int gate);
std::string read_gate(int gate);

}  // namespace ipclab
