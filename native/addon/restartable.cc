#include "addon/restartable.h"

#include <stdint.h>
#include <ucontext.h>

#if defined(__x86_64__)

// Arguments: rdi flag, rsi number, rdx a, rcx b, r8 c, r9 d, stack e and f. The kernel takes rax, rdi, rsi, rdx, r10,
// r8, r9 and destroys rcx and r11, so the flag's address may live in r11 until then.
asm(R"(
  .pushsection .text
  .hidden ipclab_window_begin
  .hidden ipclab_window_end
  .hidden ipclab_window_exit
  .globl ipclab_window_begin, ipclab_window_end, ipclab_window_exit
  .hidden ipclab_restartable_call
  .globl ipclab_restartable_call
  .type ipclab_restartable_call, @function
ipclab_restartable_call:
  .cfi_startproc
  movq %rdi, %r11
  movq %rsi, %rax
  movq %rdx, %rdi
  movq %rcx, %rsi
  movq %r8, %rdx
  movq %r9, %r10
  movq 8(%rsp), %r8
  movq 16(%rsp), %r9
ipclab_window_begin:
  cmpl $0, (%r11)
  jne ipclab_window_exit
  syscall
ipclab_window_end:
  ret
ipclab_window_exit:
  movq $-4096, %rax
  ret
  .cfi_endproc
  .size ipclab_restartable_call, . - ipclab_restartable_call
  .popsection
)");

#elif defined(__aarch64__)

asm(R"(
  .pushsection .text
  .hidden ipclab_window_begin
  .hidden ipclab_window_end
  .hidden ipclab_window_exit
  .globl ipclab_window_begin, ipclab_window_end, ipclab_window_exit
  .hidden ipclab_restartable_call
  .globl ipclab_restartable_call
  .type ipclab_restartable_call, %function
ipclab_restartable_call:
  .cfi_startproc
  mov x16, x0
  mov x8, x1
  mov x0, x2
  mov x1, x3
  mov x2, x4
  mov x3, x5
  mov x4, x6
  mov x5, x7
ipclab_window_begin:
  ldr w17, [x16]
  cbnz w17, ipclab_window_exit
  svc #0
ipclab_window_end:
  ret
ipclab_window_exit:
  mov x0, #-4096
  ret
  .cfi_endproc
  .size ipclab_restartable_call, . - ipclab_restartable_call
  .popsection
)");

#else
#error "ipclab knows the system call instruction of x86-64 and aarch64 only"
#endif

extern "C" const char ipclab_window_begin[], ipclab_window_end[], ipclab_window_exit[];

namespace ipclab {

void leave_window(void *ucontext) {
  mcontext_t &machine = static_cast<ucontext_t *>(ucontext)->uc_mcontext;
#if defined(__x86_64__)
  auto &counter = machine.gregs[REG_RIP];
#else
  auto &counter = machine.pc;
#endif
  const auto at = static_cast<uintptr_t>(counter);
  if (at >= reinterpret_cast<uintptr_t>(ipclab_window_begin) && at < reinterpret_cast<uintptr_t>(ipclab_window_end))
    counter = reinterpret_cast<uintptr_t>(ipclab_window_exit);
}

}  // namespace ipclab
