export * from './constants.js';
export { SystemError } from './errors.js';
export { ftok } from './keys.js';
export { msgctl, msgget, msgrcv, msgsnd } from './messages.js';
export type { Message, MsqidDs, MsqidSettings } from './messages.js';
export type { IpcPermissions, IpcSettings } from './permissions.js';
export { _exit, fork, getpid, getppid, waitpid } from './processes.js';
export type { WaitResult } from './processes.js';
export * as promises from './promises.js';
export { semctl, semget, semop, semtimedop } from './semaphores.js';
export type { SemaphoreOperation, SemidDs } from './semaphores.js';
export { shmat, shmctl, shmdt, shmget } from './shared-memory.js';
export type { ShmidDs } from './shared-memory.js';
export type { SignalName } from './signal-names.js';
export { sigaddset, sigdelset, sigemptyset, sigfillset, sigismember, SigSet } from './signal-set.js';
export { alarm, kill, pause, raise, sigaction, signal, sigpending, sigprocmask, sigsuspend } from './signals.js';
export type { Disposition, SignalAction, SignalHandler } from './signals.js';
export { WEXITSTATUS, WIFCONTINUED, WIFEXITED, WIFSIGNALED, WIFSTOPPED, WSTOPSIG, WTERMSIG } from './wait-status.js';
export {
  type FieldType,
  type Struct,
  type StructFields,
  type StructInput,
  type StructValue,
  struct,
} from './struct.js';
