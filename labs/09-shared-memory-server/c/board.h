/* What server, workers and clients agree on. Complete: there is nothing for you to do in this file. */
#ifndef BOARD_H
#define BOARD_H

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/types.h>

/* The keys are ftok(KEY_FILE, ...) with these. */
#define KEY_FILE "board.key"
#define BOARD_PROJECT 'B'
#define SEMAPHORES_PROJECT 'S'
#define QUEUE_PROJECT 'Q'

/* Semaphores of the set. LOCK: 1 if nobody uses the board, else 0. ROOM: how many slots are free; SLOTS at first. */
enum { LOCK = 0, ROOM = 1 };

/* Type of the messages that announce a job. A reply has the pid of its client; pids are greater. */
enum { JOB = 1 };

/* Both messages, jobs and replies. */
struct message {
  long mtype;
  int slot;
};

/* The board has so few slots so that you meet a full one. */
enum { SLOTS = 2, TEXT_BYTES = 64 };

/* States of a slot. A new segment is all zeros: every slot is FREE. */
enum state {
  FREE,
  HELD,    /* a client has it, and there is nothing to do */
  WAITING, /* its text waits for a worker */
  AT_WORK, /* a worker is at it */
  DONE     /* its text is the result */
};

/* What is in the segment. */
struct board {
  int done; /* how many jobs have been done */
  struct slot {
    int state;
    int client; /* pid of the client that has it */
    int worker; /* pid of the worker that took the job last */
    char text[TEXT_BYTES];
  } slots[SLOTS];
};

/* The fourth argument of semctl; semctl(2) wants us to define it. */
union semun {
  int val;
  struct semid_ds *buf;
  unsigned short *array;
};

/* Answer 0, or -1 and errno as semop does. */
int lock(int semaphores);
int unlock(int semaphores);

/* What the server makes, and its workers inherit. */
struct shared {
  struct board *board;
  int semaphores;
  int queue;
};

/* Does one job after the other; never comes back. */
_Noreturn void work(struct shared shared);

#endif
