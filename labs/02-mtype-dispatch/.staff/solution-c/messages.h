/* What server and clients agree on. Complete: there is nothing for you to do in this file. */
#ifndef MESSAGES_H
#define MESSAGES_H

#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/types.h>

#define KEY_FILE "dispatch.key"
#define KEY_PROJECT 'D'

/* Types of requests. A reply has the pid of the client that asked as its type; pids are greater than 2. */
enum { URGENT = 1, NORMAL = 2 };

enum { TEXT_BYTES = 64 };

/* The size that msgsnd and msgrcv are told is that of the info: the type does not count. */
struct request {
  long mtype; /* URGENT or NORMAL */
  struct request_info {
    int client;            /* pid of the client that asks */
    int sequence;          /* counts the requests of that client: 0, 1, 2 ... */
    char text[TEXT_BYTES]; /* ends with a byte 0 */
  } info;
};

struct reply {
  long mtype; /* pid of the client that it is for */
  struct reply_info {
    int sequence; /* the request's */
    char text[TEXT_BYTES];
  } info;
};

#endif
