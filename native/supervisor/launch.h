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
  bool places = false;     // TypeScript: is it to write into `place_board()` where it is?
  std::string executable;  // otherwise
  std::vector<std::string> args;
  std::vector<std::string> env;  // NAME=value
  bool file_calls = false;       // traced, too
  int standard_input = -1, standard_output = -1, standard_error = -1, gate = -1;
};

// Where a TypeScript program writes, if told to, from where in its source it makes calls: a text that ends with a 0, in
// lines. First that of the call under way; then `name id type place` for each promise, the newest first; last `files
// place`, if a thread is at work for just one operation on files. At the same address in all processes that come from
// one zygote; the marker call tells it.
constexpr size_t kPlaceBoardBytes = 4096;
char *place_board();

// In the new process: stdio, then wait at the gate (the engine attaches meanwhile), then confinement, filter and
// marker. A failure is told through the gate and ends the process.
void begin_role(const Launch &launch);

// The engine's side of the gate: let the process go on. And what it said when it could not.
void open_gate(int gate);
std::string read_gate(int gate);

}  // namespace ipclab
