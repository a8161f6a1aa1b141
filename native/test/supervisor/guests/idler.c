// Sleeps in poll for so many milliseconds; SIGTERM is its end.
//   idler MS
#include <poll.h>
#include <stdlib.h>

int main(int count, char **args) {
  return poll(NULL, 0, count > 1 ? atoi(args[1]) : -1);
}
