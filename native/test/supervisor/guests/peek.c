// Reads a file that another one is writing.
#include <fcntl.h>

#include "guest.h"

int main(void) {
  char text[16];
  int file = open("import/.a.tmp", O_RDONLY);
  return read(file, text, sizeof text) < 0;
}
