// Names of signals and errnos, both ways.
#pragma once
#include <csignal>
#include <cstring>
#include <string>

namespace ipclab {

// `SIGTERM`; real-time ones are counted from SIGRTMIN.
inline std::string signal_name(int signal) {
  const char *known = sigabbrev_np(signal);
  if (known) return std::string("SIG") + known;
  return signal >= SIGRTMIN ? "SIGRTMIN+" + std::to_string(signal - SIGRTMIN) : "SIG" + std::to_string(signal);
}

// 0 for a name that is none.
inline int signal_number(const std::string &name) {
  for (int signal = 1; signal < 65; signal++) {
    if (signal_name(signal) == name) return signal;
  }
  return 0;
}

inline std::string errno_name(int error) {
  const char *known = strerrorname_np(error);
  return known ? known : "E" + std::to_string(error);
}

// 0 for a name that is none.
inline int errno_number(const std::string &name) {
  for (int error = 1; error < 4096; error++) {
    const char *known = strerrorname_np(error);
    if (known && name == known) return error;
  }
  return 0;
}

}  // namespace ipclab
