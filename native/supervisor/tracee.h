// What ptrace(2) gives us of one stopped thread: registers, memory, restarts. x86-64 and its calling convention.
#pragma once
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <cerrno>
#include <string>

#if !defined(__x86_64__)
#error "The supervisor knows the registers of x86-64 only"
#endif

#ifndef PTRACE_EVENT_STOP
#define PTRACE_EVENT_STOP 128
#endif

namespace ipclab {

struct Registers {
  user_regs_struct raw;

  long call() const { return static_cast<long>(raw.orig_rax); }
  long result() const { return static_cast<long>(raw.rax); }
  long arg(int n) const {
    const unsigned long long args[] = {raw.rdi, raw.rsi, raw.rdx, raw.r10, raw.r8, raw.r9};
    return static_cast<long>(args[n]);
  }
  // At a seccomp stop: do not make the call, give it this result (-errno on failure).
  void force_result(long value) {
    raw.orig_rax = ~0ull;
    raw.rax = static_cast<unsigned long long>(value);
  }
  // At a seccomp stop: skip the call and step back onto its instruction, so that it is made afresh (`syscall` is two
  // bytes).
  void rewind(long call_number) {
    raw.orig_rax = ~0ull;
    raw.rip -= 2;
    raw.rax = static_cast<unsigned long long>(call_number);
  }
};

// Every function answers false when the thread is gone (ESRCH): any stop can turn into death.
inline bool get_registers(pid_t tid, Registers *registers) {
  return ptrace(PTRACE_GETREGS, tid, nullptr, &registers->raw) == 0;
}
inline bool set_registers(pid_t tid, const Registers &registers) {
  return ptrace(PTRACE_SETREGS, tid, nullptr, &registers.raw) == 0;
}
inline bool resume(pid_t tid, bool to_exit_stop, int signal = 0) {
  return ptrace(to_exit_stop ? PTRACE_SYSCALL : PTRACE_CONT, tid, nullptr, static_cast<long>(signal)) == 0;
}
inline bool read_memory(pid_t tid, long address, void *into, size_t size) {
  iovec local{into, size}, remote{reinterpret_cast<void *>(address), size};
  return process_vm_readv(tid, &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}
template <class T>
bool read_value(pid_t tid, long address, T *into) {
  return read_memory(tid, address, into, sizeof(T));
}

}  // namespace ipclab
