// Three processes make drawn System V calls on shared objects, sensible and senseless: argv[1] is the seed. What
// becomes of them is no matter, only that the supervisor foresees every answer.
#define _GNU_SOURCE
#include <limits.h>
#include <sys/syscall.h>

#include "guest.h"

enum { KEYS = 2, CALLS = 60, FIRST_KEY = 0x100 };
static unsigned long long state;
static char big[70000];
static void *attached[CALLS];
static int attachments;

static unsigned below(unsigned bound) {
  state = state * 6364136223846793005ULL + 1442695040888963407ULL;
  return (unsigned)(state >> 33) % bound;
}
static int one_in(unsigned times) {
  return below(times) == 0;
}
static int key(void) {
  return one_in(8) ? IPC_PRIVATE : FIRST_KEY + (int)below(KEYS);
}
static int get_flags(void) {
  return (one_in(6) ? 0 : IPC_CREAT) | (one_in(8) ? IPC_EXCL : 0) | (one_in(8) ? (int)below(01000) : 0600);
}
static int id_of(int found) {
  return one_in(20) ? (int)below(3) - 1 : found;
}
static void *somewhere(void *buffer) {
  return one_in(25) ? (void *)8 : buffer;
}
static void quiet(int signo) {
  (void)signo;
}

static void message_call(void) {
  const int queue = id_of(msgget(key(), get_flags()));
  const long size = one_in(20)   ? (long)(66000 + below(1000))
                    : one_in(20) ? -1
                    : one_in(20) ? 8192 + (long)below(3)
                                 : (long)below(40);
  const int flags = one_in(2) ? IPC_NOWAIT : 0;
  *(long *)big = one_in(20) ? -(long)below(2) : 1 + (long)below(4);
  if (one_in(30)) {
    syscall(SYS_msgctl, queue, IPC_RMID, 0);
  } else if (one_in(10)) {
    struct msqid_ds info;
    memset(&info, 0, sizeof info);
    info.msg_perm.uid = getuid();
    info.msg_perm.gid = getgid();
    info.msg_perm.mode = one_in(4) ? below(01000) : 0600;
    info.msg_qbytes = one_in(5) ? 20000 : below(17000);
    const int commands[] = {IPC_STAT, IPC_SET, MSG_INFO, MSG_STAT, IPC_INFO, 0x100 | IPC_STAT, 99, -1};
    syscall(SYS_msgctl, queue, commands[below(8)], somewhere(&info));
  } else if (one_in(2)) {
    syscall(SYS_msgsnd, queue, somewhere(big), size, flags);
  } else {
    const long type = one_in(20) ? LONG_MIN : (long)below(9) - 4;
    const int more = (one_in(4) ? MSG_NOERROR : 0) | (one_in(6) ? MSG_EXCEPT : 0) | (one_in(8) ? MSG_COPY : 0);
    syscall(SYS_msgrcv, queue, somewhere(big), size, type, flags | more);
  }
}

static void semaphore_call(void) {
  const int set = id_of(semget(key(), one_in(10) ? (int)below(40000) - 5 : 2, get_flags()));
  static struct sembuf operations[600];
  const unsigned count = one_in(20) ? below(600) : 1 + below(3);
  for (unsigned i = 0; i < count; i++) {
    operations[i].sem_num = one_in(30) ? 7 : below(2);
    operations[i].sem_op = one_in(30) ? 32767 : (short)((int)below(5) - 2);
    operations[i].sem_flg = (one_in(2) ? IPC_NOWAIT : 0) | (one_in(3) ? SEM_UNDO : 0);
  }
  if (one_in(30)) {
    syscall(SYS_semctl, set, 0, IPC_RMID, 0);
  } else if (one_in(4)) {
    unsigned short values[40000] = {(unsigned short)below(3), one_in(10) ? 40000 : 1};
    const int commands[] = {GETALL, SETALL, IPC_STAT, IPC_SET, SEM_INFO, SEM_STAT};
    syscall(SYS_semctl, set, 0, commands[below(6)], somewhere(values));
  } else if (one_in(3)) {
    const int commands[] = {GETVAL, SETVAL, GETPID, GETNCNT, GETZCNT, 0x100 | GETVAL, 98};
    syscall(SYS_semctl, set, (int)below(4) - 1, commands[below(7)],
            one_in(9) ? (long)below(70000) - 1 : (long)below(4));
  } else if (one_in(3)) {
    const struct timespec soon = {one_in(5) ? -1 : 0, 1000000};
    syscall(SYS_semtimedop, set, somewhere(operations), count, &soon);
  } else {
    syscall(SYS_semop, set, somewhere(operations), count);
  }
}

static void segment_call(void) {
  const int segment = id_of(shmget(key(), one_in(10) ? below(3) * 50000 : 4096, get_flags()));
  struct shmid_ds info;
  memset(&info, 0, sizeof info);
  if (one_in(20)) {
    shmctl(segment, IPC_RMID, NULL);
  } else if (one_in(5)) {
    info.shm_perm.uid = getuid();
    info.shm_perm.mode = one_in(4) ? 0 : 0600;
    const int commands[] = {IPC_STAT, IPC_SET, SHM_LOCK, SHM_UNLOCK, SHM_INFO, SHM_STAT, 99};
    syscall(SYS_shmctl, segment, commands[below(7)], somewhere(&info));
  } else if (one_in(2)) {
    void *address = shmat(segment, one_in(10) ? (void *)5 : NULL, one_in(4) ? SHM_RDONLY : 0);
    if (address != (void *)-1) attached[attachments++] = address;
  } else if (attachments > 0) {
    shmdt(one_in(5) ? (void *)4096 : attached[below((unsigned)attachments)]);
  }
}

static int play(unsigned seed) {
  state = seed;
  for (int i = 0; i < CALLS; i++) {
    const unsigned what = below(20);
    if (what < 10) {
      message_call();
    } else if (what < 15) {
      semaphore_call();
    } else if (what < 19) {
      segment_call();
    } else if (one_in(3) && fork() == 0) {
      segment_call();
      _exit(0);
    } else {
      kill(0, SIGUSR1);
    }
  }
  return 0;
}

int main(int argc, char **argv) {
  const unsigned seed = argc > 1 ? (unsigned)atoi(argv[1]) * 7919u : 1;
  on(SIGUSR1, quiet, SA_RESTART);
  for (unsigned i = 1; i < 3; i++) {
    if (fork() == 0) return play(seed + i);
  }
  return play(seed);
}
