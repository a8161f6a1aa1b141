// What the small programs of these tests share: each makes the supervisor see one kind of event.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct message {
  long mtype;
  char text[32];
};

static inline void put(int queue, long mtype, const char *text) {
  struct message m = {mtype, ""};
  strcpy(m.text, text);
  if (msgsnd(queue, &m, strlen(text), 0) != 0) exit(10);
}

static inline void on(int signo, void (*handler)(int), int flags) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handler;
  action.sa_flags = flags;
  sigaction(signo, &action, NULL);
}
