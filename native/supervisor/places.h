// From where in a student's source a call is made. Asked for only when a failure is repeated for its report.
#pragma once
#include <sys/types.h>

#include <string>

#include "calls.h"

namespace ipclab {

// Of a TypeScript program: what it has written on its board (launch.h), `src/server.ts:42:7`. `promised`: the call of a
// thread that waits for a promise; null for one of the main thread.
std::string read_place_board(pid_t tid, long board, const PendingCall *promised);

// Of any other program: `@` and the place in its file, in hexadecimal digits, of the code that called the library which
// makes the system call. The harness knows which line that is, if the program was compiled with -g.
std::string find_calling_code(pid_t tid, pid_t leader, long stack);

}  // namespace ipclab
