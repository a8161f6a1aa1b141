// The C side of the conformance table: reads cases.ts's steps on stdin, one a line, makes the calls, prints one line
// each: what came of it, and for a queue what msgctl(IPC_STAT) says then. program.mjs does the same through the addon.
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534
#define LARGEST 70000

struct message {
  long mtype;
  char text[LARGEST];
};
struct word {
  char name[16];
  int value;
};

static struct word words[64];  // names of queues, sets, segments, keys
static int word_count;
static struct {
  pid_t pid;
  int pipe;
} background[16];
static struct message buffer;
static int sleepers;
static pid_t first;  // whom lspid and lrpid are told against

static int find(const char *name) {
  for (int i = 0; i < word_count; i++) {
    if (strcmp(words[i].name, name) == 0) return words[i].value;
  }
  return atoi(name);
}
static void define(const char *name, int value) {
  for (int i = 0; i < word_count; i++) {
    if (strcmp(words[i].name, name) == 0) {
      words[i].value = value;
      return;
    }
  }
  snprintf(words[word_count].name, sizeof words[word_count].name, "%s", name);
  words[word_count++].value = value;
}

static int flags_of(char **arg) {
  static const struct word flags[] = {{"NOWAIT", IPC_NOWAIT}, {"NOERROR", MSG_NOERROR}, {"EXCEPT", MSG_EXCEPT},
                                      {"COPY", MSG_COPY},     {"CREAT", IPC_CREAT},     {"EXCL", IPC_EXCL},
                                      {"UNDO", SEM_UNDO},     {"RDONLY", SHM_RDONLY}};
  int bits = 0;
  for (; *arg; arg++) {
    if (**arg >= '0' && **arg <= '9') bits |= (int)strtol(*arg, NULL, 8);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
      if (strcmp(*arg, flags[i].name) == 0) bits |= flags[i].value;
    }
  }
  return bits;
}

// `-` is no text at all, `*7` seven times an x.
static size_t text_of(const char *word, char *into) {
  if (strcmp(word, "-") == 0) return 0;
  if (*word != '*') return (size_t)snprintf(into, LARGEST, "%s", word);
  size_t count = (size_t)atol(word + 1);
  memset(into, 'x', count < LARGEST ? count : LARGEST);
  return count;
}

static void show_text(const char *text, size_t size, char *out) {
  size_t same = 0;
  while (same < size && text[same] == 'x') same++;
  if (size > 8 && same == size) {
    sprintf(out, "*%zu", size);
  } else if (size == 0) {
    strcpy(out, "-");
  } else {
    sprintf(out, "%.*s", (int)size, text);
  }
}

static const char *whose(pid_t pid) {
  return pid == 0 ? "0" : pid == first ? "me" : "other";
}

static void stat_queue(int id, char *out) {
  struct msqid_ds ds;
  if (msgctl(id, IPC_STAT, &ds) != 0) {
    sprintf(out, " | %s", strerrorname_np(errno));
    return;
  }
  sprintf(out, " | %lu %lu %lu %s %s", (unsigned long)ds.msg_qnum, (unsigned long)ds.__msg_cbytes,
          (unsigned long)ds.msg_qbytes, whose(ds.msg_lspid), whose(ds.msg_lrpid));
}

static void outcome(long result, char *out) {
  if (result < 0) {
    strcpy(out, strerrorname_np(errno));
  } else {
    strcpy(out, "ok");
  }
}

// One call. Answers whether it is one of a queue.
static int step(char **arg, char *out) {
  const char *call = arg[0];
  int id = arg[1] ? find(arg[1]) : -1;
  if (strcmp(call, "snd") == 0) {
    buffer.mtype = atol(arg[2]);
    size_t size = text_of(arg[3], buffer.text);
    outcome(msgsnd(id, &buffer, size, flags_of(arg + 4)), out);
    return 1;
  }
  if (strcmp(call, "rcv") == 0) {
    ssize_t got = msgrcv(id, &buffer, (size_t)atol(arg[2]), atol(arg[3]), flags_of(arg + 4));
    outcome(got, out);
    if (got >= 0) {
      char text[64];
      show_text(buffer.text, (size_t)got, text);
      sprintf(out, "%ld %s", buffer.mtype, text);
    }
    return 1;
  }
  if (strcmp(call, "rm") == 0) {
    outcome(msgctl(id, IPC_RMID, NULL), out);
    return 1;
  }
  if (strcmp(call, "stat") == 0) {
    struct msqid_ds ds;
    outcome(msgctl(id, IPC_STAT, &ds), out);
    return 1;
  }
  if (strcmp(call, "qbytes") == 0 || strcmp(call, "mode") == 0) {
    struct msqid_ds ds;
    long result = msgctl(id, IPC_STAT, &ds);
    if (result == 0) {
      if (*call == 'q') ds.msg_qbytes = (msglen_t)atol(arg[2]);
      if (*call == 'm') ds.msg_perm.mode = (unsigned short)strtol(arg[2], NULL, 8);
      result = msgctl(id, IPC_SET, &ds);
    }
    outcome(result, out);
    return 1;
  }
  if (strcmp(call, "semset") == 0) outcome(semctl(id, atoi(arg[2]), SETVAL, atoi(arg[3])), out);
  if (strcmp(call, "semval") == 0) {
    int value = semctl(id, atoi(arg[2]), GETVAL);
    outcome(value, out);
    if (value >= 0) sprintf(out, "%d", value);
  }
  if (strcmp(call, "semop") == 0) {
    struct sembuf op = {(unsigned short)atoi(arg[2]), (short)atoi(arg[3]), (short)flags_of(arg + 4)};
    outcome(semop(id, &op, 1), out);
  }
  if (strcmp(call, "semrm") == 0) outcome(semctl(id, 0, IPC_RMID), out);
  if (strcmp(call, "shmrm") == 0) outcome(shmctl(id, IPC_RMID, NULL), out);
  if (strcmp(call, "put") == 0 || strcmp(call, "look") == 0) {
    char *memory = shmat(id, NULL, *call == 'l' ? SHM_RDONLY : 0);
    if (memory == (void *)-1) {
      outcome(-1, out);
    } else {
      if (*call == 'p') strcpy(memory, arg[2]);
      sprintf(out, "%s", *call == 'p' ? "ok" : memory);
      shmdt(memory);
    }
  }
  return 0;
}

static void make(char **arg, const char *name, char *out) {
  int key = strcmp(arg[1], "private") == 0 ? IPC_PRIVATE : atoi(arg[1]);
  int id = -1;
  if (strcmp(arg[0], "get") == 0) id = msgget(key, flags_of(arg + 2));
  if (strcmp(arg[0], "semget") == 0) id = semget(key, atoi(arg[2]), flags_of(arg + 3));
  if (strcmp(arg[0], "shmget") == 0) id = shmget(key, (size_t)atol(arg[2]), flags_of(arg + 3));
  outcome(id, out);
  for (int i = 0; id >= 0 && i < word_count; i++) {
    if (words[i].value == id && words[i].name[0] == name[0]) sprintf(out, "the same as %s", words[i].name);
  }
  define(name, id);
}

static void on_signal(int signo) {
  (void)signo;
}

static int sleeps(pid_t pid, const char *call) {
  char path[64], text[64] = "";
  snprintf(path, sizeof path, "/proc/%d/syscall", pid);
  FILE *file = fopen(path, "r");
  if (!file) return 1;
  if (!fgets(text, sizeof text, file)) text[0] = 0;
  fclose(file);
  long number = strcmp(call, "snd") == 0 ? SYS_msgsnd : strcmp(call, "rcv") == 0 ? SYS_msgrcv : SYS_semtimedop;
  return atol(text) == number || (number == SYS_semtimedop && atol(text) == SYS_semop);
}

int main(void) {
  char line[512];
  first = getpid();
  while (fgets(line, sizeof line, stdin)) {
    char *arg[16] = {0}, out[256] = "", state[96] = "";
    int count = 0;
    for (char *word = strtok(line, " \n"); word && count < 15; word = strtok(NULL, " \n")) arg[count++] = word;
    if (count == 0) continue;
    if (strcmp(arg[0], "case") == 0) {  // a new world of names
      for (int i = 0; i < word_count; i++) {
        if (words[i].name[0] == 'q') msgctl(words[i].value, IPC_RMID, NULL);
        if (words[i].name[0] == 's') semctl(words[i].value, 0, IPC_RMID);
        if (words[i].name[0] == 'm') shmctl(words[i].value, IPC_RMID, NULL);
      }
      word_count = 0;
      continue;
    }
    if (arg[1] && strcmp(arg[1], "=") == 0) {
      make(arg + 2, arg[0], out);
      if (arg[0][0] == 'q' && find(arg[0]) >= 0) stat_queue(find(arg[0]), state);
    } else if (strcmp(arg[0], "start") == 0) {  // start 1 rcv q 100 0
      int number = atoi(arg[1]), ends[2];
      if (pipe(ends) != 0) return 1;
      pid_t child = fork();
      if (child == 0) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = on_signal;
        action.sa_flags = SA_RESTART;
        sigaction(SIGUSR1, &action, NULL);
        step(arg + 2, out);
        if (write(ends[1], out, strlen(out)) < 0) _exit(1);
        _exit(0);
      }
      close(ends[1]);
      background[number].pid = child;
      background[number].pipe = ends[0];
      while (!sleeps(child, arg[2])) usleep(200);
      sleepers++;
      strcpy(out, "asleep");
      if (arg[3]) stat_queue(find(arg[3]), state);
    } else if (strcmp(arg[0], "signal") == 0) {
      outcome(kill(background[atoi(arg[1])].pid, SIGUSR1), out);
    } else if (strcmp(arg[0], "end") == 0) {
      int number = atoi(arg[1]);
      ssize_t got = read(background[number].pipe, out, sizeof out - 1);
      out[got > 0 ? got : 0] = 0;
      sleepers--;
      close(background[number].pipe);
      waitpid(background[number].pid, NULL, 0);
    } else if (strcmp(arg[0], "nobody") == 0) {
      int ends[2];
      if (pipe(ends) != 0) return 1;
      pid_t child = fork();
      if (child == 0) {
        if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)
          strcpy(out, "no such user");
        else if (arg[2] && strcmp(arg[2], "=") == 0)
          make(arg + 3, arg[1], out);
        else
          step(arg + 1, out);
        if (write(ends[1], out, strlen(out)) < 0) _exit(1);
        _exit(0);
      }
      close(ends[1]);
      ssize_t got = read(ends[0], out, sizeof out - 1);
      out[got > 0 ? got : 0] = 0;
      close(ends[0]);
      waitpid(child, NULL, 0);
    } else {
      // While somebody sleeps in it, who is woken by the call may be faster than we are in looking.
      if (step(arg, out) && sleepers == 0) stat_queue(find(arg[1]), state);
    }
    printf("%s%s\n", out, state);
    fflush(stdout);
  }
  return 0;
}
