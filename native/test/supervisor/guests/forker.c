// Forks so many children, one after the other, and waits for each.
//   forker TIMES
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **args) {
  for (int left = count > 1 ? atoi(args[1]) : 0; left > 0; left--) {
    const pid_t child = fork();
    if (child == 0) _exit(0);
    if (child < 0 || waitpid(child, NULL, 0) != child) return 1;
  }
  return 0;
}
