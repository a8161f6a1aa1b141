#pragma once

// A system call that cannot miss a signal.
//
// A JavaScript handler runs at safe points only, so a blocking call must not go to sleep while a signal that has been
// recorded waits for its handler. Looking at a flag first leaves a window: the signal may come between the look and the
// kernel's entry. Here the look and the entry are a few instructions at known addresses; the C signal handler, when it
// finds the program counter among them, moves it to an exit that returns kAgain. Once the kernel has been entered, the
// signal interrupts the call in the kernel's own way; if it asks for a restart (SA_RESTART), the program counter is
// back at the entry, so inside the window, and the answer is kAgain too.

namespace ipclab {

// Not a possible -errno: those end at -4095.
constexpr long kAgain = -4096;

extern "C" long ipclab_restartable_call(const volatile int *interrupted, long number, long a, long b, long c, long d,
                                        long e, long f);

// Makes the system call unless `*interrupted` is set; returns its result, -errno, or kAgain when it was not made.
template <typename... Arguments>
long restartable_call(const volatile int *interrupted, long number, Arguments... arguments) {
  static_assert(sizeof...(arguments) <= 6, "a system call has six arguments");
  long all[6] = {(long)arguments...};
  return ipclab_restartable_call(interrupted, number, all[0], all[1], all[2], all[3], all[4], all[5]);
}

// For signal handlers, with their third argument: if the signal came inside the window, the call returns kAgain.
void leave_window(void *ucontext);

}  // namespace ipclab
