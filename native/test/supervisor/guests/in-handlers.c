// Calls in handlers. SIGTERM's sends, then returns, "forks", or "jumps" out; SIGUSR1's ("nested") raises SIGTERM.
// "open": with SA_NODEFER; "aside": on a stack of its own.
#include "guest.h"
#define IS(word) (strstr(manner, word) != NULL)
static int queue;
static const char *manner;
static sigjmp_buf out;
static void on_term(int signo) {
  put(queue, signo, "inner");
  if (IS("forks") && fork() == 0) put(queue, 8, "child");
  if (IS("jumps")) siglongjmp(out, 1);
}
static void on_usr1(int signo) {
  raise(SIGTERM);
  put(queue, signo, "outer");
}
static void put_deeply(void) {
  volatile char room[16384];
  room[0] = room[sizeof room - 1] = 0;
  put(queue, 9, "after it");
}
int main(int argc, char **argv) {
  manner = argv[argc - 1];
  sigaltstack(&(stack_t){.ss_sp = malloc(1 << 16), .ss_size = 1 << 16}, NULL);
  queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
  on(SIGTERM, on_term, (IS("open") ? SA_NODEFER : 0) | (IS("aside") ? SA_ONSTACK : 0));
  on(SIGUSR1, on_usr1, 0);
  if (sigsetjmp(out, 1) == 0) raise(IS("nested") ? SIGUSR1 : SIGTERM);
  put_deeply();
}
