import { addon } from './load-addon.js';
import { renderArguments } from './render-arguments.js';

/**
 * A system call said no. As Node's own system errors: `code` is the errno's name, `errno` its negated number, `syscall` the call;
 * the call's arguments are properties under their C names (`msqid`, `msgtyp`, …).
 */
export class SystemError extends Error {
  /** Name of the errno: `EIDRM`. */
  readonly code: string;
  /** Negated, as in Node: −43 for EIDRM. */
  readonly errno: number;
  /** Name of the call: `msgrcv`. */
  readonly syscall: string;
  [argument: string]: unknown;

  constructor(syscall: string, errno: number, args: Record<string, unknown> = {}) {
    const [code, text] = addon.describeErrno(errno);
    super(`${code}: ${text}, ${syscall}(${renderArguments(syscall, args)})`);
    this.code = code;
    this.errno = -errno;
    this.syscall = syscall;
    Object.assign(this, args);
  }
}

/** The call has a meaning for a process, not for one of its threads: it is refused in a worker. */
export function createWorkerError(syscall: string, why: string): Error {
  const error = new Error(`Expected ${syscall}() to be called on the main thread, got a worker thread: ${why}`);
  return Object.assign(error, { code: 'ERR_IPCLAB_WORKER', syscall });
}

export const EINTR = 4;
export const ECANCELED = 125;
