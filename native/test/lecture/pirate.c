// The pirate of lecture 6, on the C side: receives one with type 1, doubles his booty, sends him back with type 2.
#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/msg.h>

struct pirate_msgbuf {
  long mtype; /* must be positive */
  struct pirate_info {
    char name[30];
    char ship_type;
    int notoriety;
    int cruelty;
    int booty_value;
  } info;
};

int main(int argc, char **argv) {
  int msqid = argc > 1 ? atoi(argv[1]) : -1;
  struct pirate_msgbuf pirate;
  if (msgrcv(msqid, &pirate, sizeof(struct pirate_info), 1, 0) != sizeof(struct pirate_info)) return 1;
  printf("%s %c %d %d %d\n", pirate.info.name, pirate.info.ship_type, pirate.info.notoriety, pirate.info.cruelty,
         pirate.info.booty_value);
  pirate.mtype = 2;
  pirate.info.booty_value *= 2;
  return msgsnd(msqid, &pirate, sizeof(struct pirate_info), 0) == 0 ? 0 : 2;
}
