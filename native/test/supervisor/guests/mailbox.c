// A file is written under one name, published under another, read back by a child, and removed. What is outside of the
// folder is not seen.
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"

int main(void) {
  char text[16] = "";
  mkdir("import", 0755);
  close(open("/dev/null", O_RDONLY));
  int file = open("import/.a.tmp", O_WRONLY | O_CREAT | O_EXCL, 0644);
  if (write(file, "hel", 3) != 3 || pwrite(file, "lo", 2, 3) != 2) return 1;
  close(file);
  rename("import/.a.tmp", "import/a");
  if (fork() == 0) {
    file = open("import/../import/a", O_RDONLY);
    if (read(file, text, sizeof text) != 5) return 1;
    printf("%s\n", text);
    return 0;
  }
  wait(NULL);
  link("import/a", "b");
  unlink("import/a");
  rmdir("import");
  return 0;
}
