// Does what its arguments say, one system call each, on the queue of key 7:
//   get open sndT rcvT tryT rm stat napMS forkN waitC pause handle   (T: a type; N: how many of the arguments that
//   follow are the child's) loopN: the next argument, until it succeeds, at most N times
// Prints the name of the errno of each that fails, and what it receives.
#include "guest.h"

static int queue = -1;

static void handler(int signo) {
  (void)signo;
}

static long run(const char *what) {
  struct message m = {0, ""};
  const long number = strtol(what + strcspn(what, "-0123456789"), NULL, 10);
  if (!strncmp(what, "get", 3)) return queue = msgget(7, IPC_CREAT | 0600);
  if (!strncmp(what, "open", 4)) return queue = msgget(7, 0);
  if (!strncmp(what, "snd", 3)) {
    m.mtype = number;
    return msgsnd(queue, &m, 4, 0);
  }
  if (!strncmp(what, "rcv", 3) || !strncmp(what, "try", 3)) {
    const ssize_t size = msgrcv(queue, &m, sizeof m.text, number, what[0] == 't' ? IPC_NOWAIT : 0);
    if (size >= 0) printf("%ld ", m.mtype);
    return size;
  }
  if (!strncmp(what, "rm", 2)) return msgctl(queue, IPC_RMID, NULL);
  if (!strncmp(what, "stat", 4)) {
    struct msqid_ds ds;
    return msgctl(queue, IPC_STAT, &ds);
  }
  if (!strncmp(what, "nap", 3)) return usleep((useconds_t)number * 1000);
  if (!strncmp(what, "wait", 4)) return wait(NULL);
  if (!strncmp(what, "pause", 5)) return pause();
  if (!strncmp(what, "handle", 6)) {
    on(SIGTERM, handler, 0);
    on(SIGINT, handler, 0);
    return 0;
  }
  exit(64);
}

static void play(char **args, int count) {
  for (int i = 0; i < count; i++) {
    if (!strncmp(args[i], "fork", 4)) {
      const int of_child = atoi(args[i] + 4);
      const pid_t child = fork();
      if (child < 0) printf("%s ", strerrorname_np(errno));
      if (child == 0) {
        play(args + i + 1, of_child);
        return;
      }
      i += of_child;
    } else if (!strncmp(args[i], "loop", 4)) {
      for (int left = atoi(args[i] + 4); left > 0 && run(args[i + 1]) < 0; left--) {
      }
      i++;
    } else if (run(args[i]) < 0) {
      printf("%s ", strerrorname_np(errno));
    }
  }
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  play(argv + 1, argc - 1);
  printf("done\n");
  return 0;
}
