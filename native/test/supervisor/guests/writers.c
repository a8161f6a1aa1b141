// A family that shares its standard output, and writes at the same time; each line says whose it is.
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  for (int i = 0; i < 3; i++) {
    if (fork() == 0) break;
  }
  char line[32];
  const int length = snprintf(line, sizeof line, "by %d\n", getpid());
  for (int i = 0; i < 300; i++) {
    if (write(1, line, (size_t)length) != length) return 1;
  }
  while (wait(NULL) > 0) {
  }
  return 0;
}
