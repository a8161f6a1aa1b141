/**
 * What System V objects must do, after msgget(2), msgop(2), msgctl(2), semop(2), shmop(2). Each case is a name and its steps: a call and
 * what must come of it. `peer.c` and `program.mjs` make the calls, in C and through the addon; their answers must be these, and
 * equal, with what IPC_STAT tells of a queue after each step.
 *
 *     q = get private 0600      a queue named q; keys are numbers
 *     snd q 5 hello             type 5; text, `-` for none, `*7` for seven x; then flags
 *     rcv q 100 -5 NOWAIT       room for 100 bytes, msgtyp -5; answers type and text
 *     start 1 rcv q 100 0       in a child, which must be asleep in the call before the next step; `end 1` answers its outcome
 *     nobody snd q 1 x          in a child that is user 65534
 */
export const CASES: readonly (readonly [name: string, steps: string])[] = [
  // msgget
  ['a private queue is always a new one', 'q1 = get private 0600 -> ok; q2 = get private 0600 -> ok'],
  ['IPC_PRIVATE needs no IPC_CREAT', 'q = get private 0600 -> ok'],
  ['a missing key is ENOENT without IPC_CREAT', 'q = get 77 0600 -> ENOENT'],
  ['the same key leads to the same queue', 'q1 = get 77 CREAT 0600 -> ok; q2 = get 77 0600 -> the same as q1'],
  ['IPC_CREAT of what exists leads to it', 'q1 = get 77 CREAT 0600 -> ok; q2 = get 77 CREAT 0600 -> the same as q1'],
  [
    'IPC_CREAT and IPC_EXCL of what exists is EEXIST',
    'q1 = get 77 CREAT 0600 -> ok; q2 = get 77 CREAT EXCL 0600 -> EEXIST',
  ],
  ['IPC_EXCL alone does nothing', 'q1 = get 77 CREAT 0600 -> ok; q2 = get 77 EXCL 0600 -> the same as q1'],
  ['two keys lead to two queues', 'q1 = get 77 CREAT 0600 -> ok; q2 = get 78 CREAT 0600 -> ok'],
  [
    'a key is free again when its queue is removed',
    'q1 = get 77 CREAT 0600 -> ok; rm q1 -> ok; q2 = get 77 0600 -> ENOENT; q3 = get 77 CREAT EXCL 0600 -> ok',
  ],
  ['a negative key is a key', 'q1 = get -5 CREAT 0600 -> ok; q2 = get -5 0600 -> the same as q1'],
  [
    'a stranger without permission is refused by msgget',
    'q1 = get 77 CREAT 0600 -> ok; nobody q2 = get 77 0600 -> EACCES',
  ],
  [
    'a stranger may get what everybody may use',
    'q1 = get 77 CREAT 0666 -> ok; nobody q2 = get 77 0666 -> the same as q1',
  ],
  [
    'a stranger who asks for nothing gets the id',
    'q1 = get 77 CREAT 0600 -> ok; nobody q2 = get 77 0 -> the same as q1',
  ],
  // msgsnd
  ['the same bytes come back', 'q = get private 0600 -> ok; snd q 1 hello -> ok; rcv q 100 0 -> 1 hello'],
  ['a type of 0 is EINVAL', 'q = get private 0600 -> ok; snd q 0 x -> EINVAL'],
  ['a negative type is EINVAL', 'q = get private 0600 -> ok; snd q -1 x -> EINVAL'],
  ['an id that never was is EINVAL', 'snd 123456 1 x -> EINVAL'],
  ['a negative id is EINVAL', 'snd -1 1 x -> EINVAL'],
  [
    'an id used after IPC_RMID is EINVAL',
    'q = get private 0600 -> ok; rm q -> ok; snd q 1 x -> EINVAL; rcv q 100 0 -> EINVAL; stat q -> EINVAL',
  ],
  ['a message of msgmax bytes fits', 'q = get private 0600 -> ok; snd q 1 *8192 -> ok; rcv q 9000 0 -> 1 *8192'],
  ['one byte more than msgmax is EINVAL', 'q = get private 0600 -> ok; snd q 1 *8193 -> EINVAL'],
  ['a message without text', 'q = get private 0600 -> ok; snd q 7 - -> ok; rcv q 0 0 -> 7 -'],
  [
    'a full queue is EAGAIN with IPC_NOWAIT',
    'q = get private 0600 -> ok; qbytes q 10 -> ok; snd q 1 *10 NOWAIT -> ok; snd q 1 x NOWAIT -> EAGAIN',
  ],
  [
    'a message that fills the queue exactly fits',
    'q = get private 0600 -> ok; qbytes q 10 -> ok; snd q 1 *4 NOWAIT -> ok; snd q 1 *6 NOWAIT -> ok; snd q 1 x NOWAIT -> EAGAIN',
  ],
  [
    'a small message passes where a large one does not',
    'q = get private 0600 -> ok; qbytes q 10 -> ok; snd q 1 *6 NOWAIT -> ok; snd q 1 *5 NOWAIT -> EAGAIN; snd q 1 *4 NOWAIT -> ok',
  ],
  [
    'messages without text count toward full',
    'q = get private 0600 -> ok; qbytes q 3 -> ok; snd q 1 - NOWAIT -> ok; snd q 1 - NOWAIT -> ok; snd q 1 - NOWAIT -> ok; snd q 1 - NOWAIT -> EAGAIN',
  ],
  [
    'a message larger than the queue never fits',
    'q = get private 0600 -> ok; qbytes q 4 -> ok; snd q 1 *5 NOWAIT -> EAGAIN',
  ],
  [
    'the default queue holds msgmnb bytes',
    'q = get private 0600 -> ok; snd q 1 *8192 NOWAIT -> ok; snd q 1 *8192 NOWAIT -> ok; snd q 1 x NOWAIT -> EAGAIN; snd q 1 - NOWAIT -> ok',
  ],
  ['a sender without write permission is EACCES', 'q = get private 0604 -> ok; nobody snd q 1 x -> EACCES'],
  [
    'a stranger with write permission may send',
    'q = get private 0602 -> ok; nobody snd q 1 x -> ok; rcv q 100 0 -> 1 x',
  ],
  [
    'a blocked sender goes on when there is room',
    'q = get private 0600 -> ok; qbytes q 4 -> ok; snd q 1 *4 -> ok; start 1 snd q 2 more -> asleep; rcv q 100 0 -> 1 xxxx; end 1 -> ok; rcv q 100 0 -> 2 more',
  ],
  [
    'a blocked sender is EIDRM when the queue is removed',
    'q = get private 0600 -> ok; qbytes q 4 -> ok; snd q 1 *4 -> ok; start 1 snd q 2 more -> asleep; rm q -> ok; end 1 -> EIDRM',
  ],
  [
    'a blocked sender is EINTR by a handler, SA_RESTART or not',
    'q = get private 0600 -> ok; qbytes q 4 -> ok; snd q 1 *4 -> ok; start 1 snd q 2 more -> asleep; signal 1 -> ok; end 1 -> EINTR; rcv q 100 0 -> 1 xxxx; rcv q 100 0 NOWAIT -> ENOMSG',
  ],
  [
    'a blocked sender goes on when IPC_SET makes room',
    'q = get private 0600 -> ok; qbytes q 4 -> ok; snd q 1 *4 -> ok; start 1 snd q 2 more -> asleep; qbytes q 8 -> ok; end 1 -> ok',
  ],
  [
    'a full queue blocks a sender even if its receiver waits',
    'q = get private 0600 -> ok; qbytes q 4 -> ok; snd q 1 *4 -> ok; start 1 rcv q 100 2 -> asleep; snd q 2 more NOWAIT -> EAGAIN; rcv q 100 1 -> 1 xxxx; snd q 2 more NOWAIT -> ok; end 1 -> 2 more',
  ],
  // msgrcv: selection
  [
    'type 0 takes the first, whatever its type',
    'q = get private 0600 -> ok; snd q 5 a -> ok; snd q 3 b -> ok; rcv q 100 0 -> 5 a; rcv q 100 0 -> 3 b',
  ],
  [
    'a positive type takes the first of that type',
    'q = get private 0600 -> ok; snd q 5 a -> ok; snd q 3 b -> ok; snd q 3 c -> ok; rcv q 100 3 -> 3 b; rcv q 100 3 -> 3 c; rcv q 100 3 NOWAIT -> ENOMSG',
  ],
  [
    'first in, first out within a type',
    'q = get private 0600 -> ok; snd q 2 a -> ok; snd q 2 b -> ok; snd q 2 c -> ok; rcv q 100 2 -> 2 a; rcv q 100 2 -> 2 b; rcv q 100 2 -> 2 c',
  ],
  [
    'a negative type takes the lowest, when it is first',
    'q = get private 0600 -> ok; snd q 1 a -> ok; snd q 2 b -> ok; rcv q 100 -2 -> 1 a',
  ],
  [
    'a negative type takes the lowest, when it is not first',
    'q = get private 0600 -> ok; snd q 5 a -> ok; snd q 3 b -> ok; snd q 3 c -> ok; rcv q 100 -5 -> 3 b; rcv q 100 -5 -> 3 c; rcv q 100 -5 -> 5 a',
  ],
  [
    'a negative type takes the lowest, when it is last',
    'q = get private 0600 -> ok; snd q 9 a -> ok; snd q 4 b -> ok; snd q 2 c -> ok; rcv q 100 -9 -> 2 c',
  ],
  [
    'a negative type takes none above its absolute value',
    'q = get private 0600 -> ok; snd q 6 a -> ok; rcv q 100 -5 NOWAIT -> ENOMSG; rcv q 100 -6 -> 6 a',
  ],
  [
    'a negative type is first in, first out within the lowest',
    'q = get private 0600 -> ok; snd q 4 a -> ok; snd q 2 b -> ok; snd q 4 c -> ok; snd q 2 d -> ok; rcv q 100 -4 -> 2 b; rcv q 100 -4 -> 2 d; rcv q 100 -4 -> 4 a; rcv q 100 -4 -> 4 c',
  ],
  [
    '-1 is exactly type 1',
    'q = get private 0600 -> ok; snd q 2 a -> ok; snd q 1 b -> ok; rcv q 100 -1 -> 1 b; rcv q 100 -1 NOWAIT -> ENOMSG',
  ],
  [
    'nine types are taken in reverse',
    'q = get private 0600 -> ok; snd q 1 a -> ok; snd q 2 b -> ok; snd q 3 c -> ok; snd q 4 d -> ok; snd q 5 e -> ok; snd q 6 f -> ok; snd q 7 g -> ok; snd q 8 h -> ok; snd q 9 i -> ok; rcv q 100 9 -> 9 i; rcv q 100 8 -> 8 h; rcv q 100 7 -> 7 g; rcv q 100 6 -> 6 f; rcv q 100 5 -> 5 e; rcv q 100 4 -> 4 d; rcv q 100 3 -> 3 c; rcv q 100 2 -> 2 b; rcv q 100 1 -> 1 a',
  ],
  [
    'MSG_EXCEPT takes the first of another type',
    'q = get private 0600 -> ok; snd q 1 a -> ok; snd q 2 b -> ok; rcv q 100 1 EXCEPT -> 2 b',
  ],
  [
    'MSG_EXCEPT finds nothing when all are of that type',
    'q = get private 0600 -> ok; snd q 1 a -> ok; rcv q 100 1 EXCEPT NOWAIT -> ENOMSG',
  ],
  [
    'MSG_EXCEPT is ignored with type 0',
    'q = get private 0600 -> ok; snd q 4 a -> ok; rcv q 100 0 EXCEPT NOWAIT -> 4 a',
  ],
  [
    'MSG_EXCEPT is ignored with a negative type',
    'q = get private 0600 -> ok; snd q 9 a -> ok; snd q 4 b -> ok; rcv q 100 -9 EXCEPT NOWAIT -> 4 b',
  ],
  // msgrcv: size
  [
    'a message that does not fit is E2BIG and stays',
    'q = get private 0600 -> ok; snd q 1 hello -> ok; rcv q 4 0 -> E2BIG; rcv q 5 0 -> 1 hello',
  ],
  [
    'E2BIG leaves the order as it was',
    'q = get private 0600 -> ok; snd q 1 hello -> ok; snd q 1 b -> ok; rcv q 4 0 -> E2BIG; rcv q 100 0 -> 1 hello; rcv q 100 0 -> 1 b',
  ],
  [
    'E2BIG with a negative type leaves the lowest',
    'q = get private 0600 -> ok; snd q 2 x -> ok; snd q 1 hello -> ok; rcv q 4 -2 -> E2BIG; rcv q 100 -2 -> 1 hello',
  ],
  [
    'MSG_NOERROR cuts, and what was cut is gone',
    'q = get private 0600 -> ok; snd q 1 hello -> ok; rcv q 4 0 NOERROR -> 1 hell; rcv q 100 0 NOWAIT -> ENOMSG',
  ],
  ['MSG_NOERROR to no room at all', 'q = get private 0600 -> ok; snd q 1 hello -> ok; rcv q 0 0 NOERROR -> 1 -'],
  [
    'room for 0 bytes takes a message without text only',
    'q = get private 0600 -> ok; snd q 1 x -> ok; rcv q 0 0 -> E2BIG; rcv q 1 0 -> 1 x; snd q 1 - -> ok; rcv q 0 0 -> 1 -',
  ],
  // msgrcv: nothing there
  ['an empty queue is ENOMSG with IPC_NOWAIT', 'q = get private 0600 -> ok; rcv q 100 0 NOWAIT -> ENOMSG'],
  [
    'no message of the type is ENOMSG with IPC_NOWAIT',
    'q = get private 0600 -> ok; snd q 1 x -> ok; rcv q 100 2 NOWAIT -> ENOMSG',
  ],
  ['an id that never was is EINVAL to a receiver', 'rcv 123456 100 0 -> EINVAL'],
  [
    'a receiver without read permission is EACCES',
    'q = get private 0602 -> ok; snd q 1 x -> ok; nobody rcv q 100 0 NOWAIT -> EACCES',
  ],
  [
    'a stranger with read permission may receive',
    'q = get private 0604 -> ok; snd q 1 x -> ok; nobody rcv q 100 0 NOWAIT -> 1 x',
  ],
  [
    'a blocked receiver is woken by a message',
    'q = get private 0600 -> ok; start 1 rcv q 100 0 -> asleep; snd q 6 hi -> ok; end 1 -> 6 hi',
  ],
  [
    'a blocked receiver sleeps on through other types',
    'q = get private 0600 -> ok; start 1 rcv q 100 5 -> asleep; snd q 4 no -> ok; snd q 5 yes -> ok; end 1 -> 5 yes; rcv q 100 0 -> 4 no',
  ],
  [
    'a blocked receiver of a negative type takes what comes first',
    'q = get private 0600 -> ok; start 1 rcv q 100 -5 -> asleep; snd q 6 no -> ok; snd q 4 yes -> ok; end 1 -> 4 yes',
  ],
  [
    'a blocked receiver is EIDRM when the queue is removed',
    'q = get private 0600 -> ok; start 1 rcv q 100 0 -> asleep; rm q -> ok; end 1 -> EIDRM',
  ],
  [
    'a blocked receiver is EINTR by a handler, SA_RESTART or not',
    'q = get private 0600 -> ok; start 1 rcv q 100 0 -> asleep; signal 1 -> ok; end 1 -> EINTR; snd q 1 x -> ok; rcv q 100 0 -> 1 x',
  ],
  [
    'a blocked receiver that has too little room is E2BIG, and the message stays',
    'q = get private 0600 -> ok; start 1 rcv q 2 0 -> asleep; snd q 1 hello -> ok; end 1 -> E2BIG; rcv q 100 0 -> 1 hello',
  ],
  [
    'blocked receivers are served in the order in which they came',
    'q = get private 0600 -> ok; start 1 rcv q 100 0 -> asleep; start 2 rcv q 100 0 -> asleep; start 3 rcv q 100 0 -> asleep; snd q 1 a -> ok; snd q 1 b -> ok; snd q 1 c -> ok; end 1 -> 1 a; end 2 -> 1 b; end 3 -> 1 c',
  ],
  [
    'of blocked receivers the one who asked for the type is served',
    'q = get private 0600 -> ok; start 1 rcv q 100 1 -> asleep; start 2 rcv q 100 2 -> asleep; snd q 2 b -> ok; end 2 -> 2 b; snd q 1 a -> ok; end 1 -> 1 a',
  ],
  [
    'all blocked receivers learn of the removal',
    'q = get private 0600 -> ok; start 1 rcv q 100 1 -> asleep; start 2 rcv q 100 2 -> asleep; rm q -> ok; end 1 -> EIDRM; end 2 -> EIDRM',
  ],
  [
    'five receivers of five types each get their own',
    'q = get private 0600 -> ok; start 1 rcv q 100 1 -> asleep; start 2 rcv q 100 2 -> asleep; start 3 rcv q 100 3 -> asleep; start 4 rcv q 100 4 -> asleep; start 5 rcv q 100 5 -> asleep; snd q 5 e -> ok; snd q 3 c -> ok; snd q 1 a -> ok; snd q 4 d -> ok; snd q 2 b -> ok; end 1 -> 1 a; end 2 -> 2 b; end 3 -> 3 c; end 4 -> 4 d; end 5 -> 5 e',
  ],
  // MSG_COPY: checkpoint/restore only, so a kernel without it says ENOSYS; these have it
  [
    'MSG_COPY shows the nth message and leaves it',
    'q = get private 0600 -> ok; snd q 1 a -> ok; snd q 2 b -> ok; rcv q 100 1 COPY NOWAIT -> 2 b; rcv q 100 0 COPY NOWAIT -> 1 a; rcv q 100 0 -> 1 a',
  ],
  [
    'MSG_COPY beyond the end is ENOMSG',
    'q = get private 0600 -> ok; snd q 1 a -> ok; rcv q 100 1 COPY NOWAIT -> ENOMSG',
  ],
  ['MSG_COPY needs IPC_NOWAIT', 'q = get private 0600 -> ok; snd q 1 a -> ok; rcv q 100 0 COPY -> EINVAL'],
  [
    'MSG_COPY and MSG_EXCEPT exclude each other',
    'q = get private 0600 -> ok; snd q 1 a -> ok; rcv q 100 1 COPY EXCEPT NOWAIT -> EINVAL',
  ],
  // msgctl
  ['a fresh queue has nothing in it and nobody behind it', 'q = get private 0600 -> ok; stat q -> ok'],
  [
    'IPC_STAT counts messages and bytes',
    'q = get private 0600 -> ok; snd q 1 abc -> ok; snd q 2 - -> ok; snd q 3 de -> ok; rcv q 100 1 -> 1 abc; stat q -> ok',
  ],
  ['IPC_RMID works once', 'q = get private 0600 -> ok; rm q -> ok; rm q -> EINVAL'],
  [
    'IPC_RMID destroys what is in the queue',
    'q1 = get 77 CREAT 0600 -> ok; snd q1 1 x -> ok; rm q1 -> ok; q2 = get 77 CREAT 0600 -> ok; rcv q2 100 0 NOWAIT -> ENOMSG',
  ],
  ['IPC_RMID of an id that never was is EINVAL', 'rm 123456 -> EINVAL'],
  ['a stranger may not remove a queue', 'q = get private 0666 -> ok; nobody rm q -> EPERM; rm q -> ok'],
  ['a stranger may not change a queue', 'q = get private 0666 -> ok; nobody mode q 0600 -> EPERM'],
  ['a stranger without read permission may not look', 'q = get private 0600 -> ok; nobody stat q -> EACCES'],
  [
    'IPC_SET changes the permissions',
    'q = get private 0600 -> ok; nobody snd q 1 x -> EACCES; mode q 0602 -> ok; nobody snd q 1 x -> ok',
  ],
  [
    'IPC_SET can make a queue smaller than what is in it',
    'q = get private 0600 -> ok; snd q 1 hello -> ok; qbytes q 2 -> ok; snd q 1 x NOWAIT -> EAGAIN; rcv q 100 0 -> 1 hello; snd q 1 x NOWAIT -> ok',
  ],
  ['the creator can remove what nobody may use', 'q = get private 0 -> ok; rm q -> ok'],
  // semaphores
  ['a new semaphore is 0', 's = semget private 2 0600 -> ok; semval s 1 -> 0'],
  [
    'a semaphore is set, given and taken',
    's = semget private 1 0600 -> ok; semset s 0 2 -> ok; semop s 0 -1 -> ok; semop s 0 3 -> ok; semval s 0 -> 4',
  ],
  [
    'taking what is not there is EAGAIN with IPC_NOWAIT',
    's = semget private 1 0600 -> ok; semop s 0 -1 NOWAIT -> EAGAIN; semval s 0 -> 0',
  ],
  [
    'waiting for zero',
    's = semget private 1 0600 -> ok; semop s 0 0 NOWAIT -> ok; semset s 0 1 -> ok; semop s 0 0 NOWAIT -> EAGAIN',
  ],
  ['a semaphore beyond the set is EFBIG', 's = semget private 1 0600 -> ok; semop s 1 1 -> EFBIG'],
  [
    'a semaphore above its maximum is ERANGE',
    's = semget private 1 0600 -> ok; semset s 0 32767 -> ok; semop s 0 1 -> ERANGE',
  ],
  ['an odd value is ERANGE', 's = semget private 1 0600 -> ok; semset s 0 -1 -> ERANGE'],
  ['a set without semaphores is EINVAL', 's = semget private 0 0600 -> EINVAL'],
  ['a removed set is EINVAL', 's = semget private 1 0600 -> ok; semrm s -> ok; semop s 0 1 -> EINVAL'],
  [
    'a set is found by its key',
    's1 = semget 77 1 CREAT 0600 -> ok; s2 = semget 77 1 0600 -> the same as s1; s3 = semget 77 2 0600 -> EINVAL; s4 = semget 77 1 CREAT EXCL 0600 -> EEXIST',
  ],
  // shared memory
  ['what is put into a segment is seen in it', 'm = shmget private 100 0600 -> ok; put m hello -> ok; look m -> hello'],
  ['a segment of no size is EINVAL', 'm = shmget private 0 0600 -> EINVAL'],
  ['a removed segment is EINVAL', 'm = shmget private 100 0600 -> ok; shmrm m -> ok; look m -> EINVAL'],
  [
    'a segment is found by its key, and not if it is too small',
    'm1 = shmget 77 100 CREAT 0600 -> ok; m2 = shmget 77 50 0600 -> the same as m1; m3 = shmget 77 200 0600 -> EINVAL',
  ],
  ['a stranger may not attach a segment', 'm = shmget private 100 0600 -> ok; nobody look m -> EACCES'],
];
