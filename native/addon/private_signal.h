#pragma once

#include <signal.h>
#include <sys/types.h>

// One real-time signal that threads of the process send one another; programs cannot use it (SIGRTMAX is one less for
// them).

namespace ipclab {

int private_signal();

// When the addon is loaded.
void install_private_signal();

// Makes a thread leave the system call that it is in, or is about to make (see restartable.h). It looks at its flag
// then.
void interrupt_thread(pid_t thread);

// Before the main thread blocks signals: the helper threads of V8 and libuv would accept them instead, as signals come
// to the process. They are made to block everything, for good.
void quiet_helper_threads(const sigset_t &wanted);

}  // namespace ipclab
