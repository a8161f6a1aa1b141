#pragma once

#include <napi.h>

namespace ipclab {

// sigaction, sigprocmask, sigpending, sigsuspend, pause, alarm, takeSignal, recordSignal, markHandler, onSignals
void define_signals(Napi::Env env, Napi::Object exports);

// Set while a signal is recorded whose JavaScript handler has not been called.
const volatile int *signals_recorded();

// In a forked child: what was recorded in the parent is the parent's.
void forget_parents_signals();

}  // namespace ipclab
