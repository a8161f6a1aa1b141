// Leaves one of each, with a message in the queue; and a program that it runs makes no difference.
#include "guest.h"
int main(void) {
  put(msgget(IPC_PRIVATE, IPC_CREAT | 0600), 1, "left");
  semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
  shmget(IPC_PRIVATE, 100, IPC_CREAT | 0600);
  return system("echo through a shell");
}
