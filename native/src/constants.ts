/** Constants of <sys/ipc.h>, <sys/msg.h>, <sys/shm.h>, <sys/sem.h>, <sys/wait.h> and <signal.h>, with Linux's values. */
import { constants } from 'node:os';

// sys/ipc.h
export const IPC_PRIVATE = 0;
export const IPC_CREAT = 0o1000;
export const IPC_EXCL = 0o2000;
export const IPC_NOWAIT = 0o4000;
export const IPC_RMID = 0;
export const IPC_SET = 1;
export const IPC_STAT = 2;

// sys/msg.h
export const MSG_NOERROR = 0o10000;
export const MSG_EXCEPT = 0o20000;
export const MSG_COPY = 0o40000;

// sys/shm.h
export const SHM_RDONLY = 0o10000;
export const SHM_RND = 0o20000;
export const SHM_REMAP = 0o40000;
export const SHM_EXEC = 0o100000;
export const SHM_LOCK = 11;
export const SHM_UNLOCK = 12;
export const SHM_HUGETLB = 0o4000;
export const SHM_NORESERVE = 0o10000;
export const SHM_DEST = 0o1000;
export const SHM_LOCKED = 0o2000;

// sys/sem.h
export const SEM_UNDO = 0x1000;
export const GETPID = 11;
export const GETVAL = 12;
export const GETALL = 13;
export const GETNCNT = 14;
export const GETZCNT = 15;
export const SETVAL = 16;
export const SETALL = 17;

// sys/wait.h
export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WCONTINUED = 8;

// signal.h. The numbers of the signals depend on the machine, so they are Node's.
export const {
  SIGHUP,
  SIGINT,
  SIGQUIT,
  SIGILL,
  SIGTRAP,
  SIGABRT,
  SIGBUS,
  SIGFPE,
  SIGKILL,
  SIGUSR1,
  SIGSEGV,
  SIGUSR2,
  SIGPIPE,
  SIGALRM,
  SIGTERM,
  SIGSTKFLT,
  SIGCHLD,
  SIGCONT,
  SIGSTOP,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGURG,
  SIGXCPU,
  SIGXFSZ,
  SIGVTALRM,
  SIGPROF,
  SIGWINCH,
  SIGIO,
  SIGPWR,
  SIGSYS,
} = constants.signals;
/** First of the real-time signals, which queue up instead of merging (signal(7)). glibc keeps 32 and 33 for itself. */
export const SIGRTMIN = 34;
/** Last real-time signal that a program may use; 64 is the addon's own. */
export const SIGRTMAX = 63;

export const SIG_BLOCK = 0;
export const SIG_UNBLOCK = 1;
export const SIG_SETMASK = 2;

/** Disposition: what the signal does by default (signal(7) has the table). */
export const SIG_DFL: unique symbol = Symbol('SIG_DFL');
/** Disposition: the signal is thrown away. */
export const SIG_IGN: unique symbol = Symbol('SIG_IGN');

export const SA_NOCLDSTOP = 0x00000001;
export const SA_NOCLDWAIT = 0x00000002;
export const SA_RESTART = 0x10000000;
export const SA_NODEFER = 0x40000000;
/** The bit is C's sign bit; written as sigaction(2) has it. */
export const SA_RESETHAND = 0x80000000;
