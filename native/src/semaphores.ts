import { checkInteger, describe } from './check.js';
import { GETALL, GETNCNT, GETPID, GETVAL, GETZCNT, IPC_RMID, IPC_SET, IPC_STAT, SETALL, SETVAL } from './constants.js';
import { SystemError } from './errors.js';
import { addon, exchange, NUMBER } from './load-addon.js';
import {
  checkKey,
  checkSettings,
  PERMISSION_FIELDS,
  toRecord,
  type IpcPermissions,
  type IpcSettings,
} from './permissions.js';
import { mustCallAgain, runHandlers } from './safe-points.js';

/** One operation of semop, C's `struct sembuf`. */
export interface SemaphoreOperation {
  /** Which semaphore of the set, from 0. */
  num: number;
  /** Added to its value; negative: wait until it is at least that much, then take it off; 0: wait until it is 0. */
  op: number;
  /** `IPC_NOWAIT`: EAGAIN instead of waiting; `SEM_UNDO`: the kernel takes it back when the process ends. Default: 0. */
  flags?: number;
}

/** `struct semid_ds` of semctl(2), without C's prefixes. */
export interface SemidDs extends IpcPermissions {
  /** How many semaphores there are in the set. */
  nsems: number;
  /** Time of the last semop, in seconds since 1970; 0 if none. */
  otime: number;
  /** Time of creation or of the last change by semctl. */
  ctime: number;
}

const FIELDS = [...PERMISSION_FIELDS, 'nsems', 'otime', 'ctime'] as const;
const MAX_VALUE = 32767;

/**
 * Gets the id of the semaphore set with that key, creating it if `flags` say so. New semaphores are 0.
 *
 * @param key from `ftok()`, any agreed number, or `IPC_PRIVATE`
 * @param count how many semaphores; 0 will do for a set that exists
 * @param flags permissions (`0o600`), with `IPC_CREAT` and `IPC_EXCL`
 * @throws SystemError EEXIST, ENOENT, EACCES, EINVAL (count), ENOSPC, ENOMEM. semget(2)
 */
export function semget(key: number, count: number, flags = 0): number {
  checkKey(key);
  checkInteger('count', count);
  checkInteger('flags', flags);
  runHandlers();
  const semid = addon.semget(key | 0, count, flags);
  runHandlers();
  if (semid < 0) throw new SystemError('semget', -semid, { key, count, flags });
  return semid;
}

/**
 * Does all the operations at one stroke, or waits until it can.
 *
 * @throws SystemError EAGAIN (IPC_NOWAIT), EINTR (after the handler ran; never restarted), EIDRM (removed while it waited), EINVAL,
 *   EFBIG (no such semaphore in the set), ERANGE (value above 32767), E2BIG (too many operations), EACCES. semop(2)
 */
export function semop(semid: number, ops: SemaphoreOperation[]): void {
  operate('semop', semid, ops, -1);
}

/**
 * As semop(), but waits no longer than that.
 *
 * @param timeoutMs in milliseconds, fractions allowed
 * @throws SystemError EAGAIN when the time is over, and as semop. semtimedop(2)
 */
export function semtimedop(semid: number, ops: SemaphoreOperation[], timeoutMs: number): void {
  if (typeof timeoutMs !== 'number')
    throw new TypeError(`Expected timeoutMs to be a number, got ${describe(timeoutMs)}`);
  if (!(timeoutMs >= 0 && timeoutMs <= Number.MAX_SAFE_INTEGER)) {
    throw new RangeError(`Expected timeoutMs to be at least 0, got ${timeoutMs}`);
  }
  operate('semtimedop', semid, ops, timeoutMs);
}

function operate(syscall: string, semid: number, ops: SemaphoreOperation[], timeoutMs: number): void {
  checkInteger('semid', semid);
  if (!Array.isArray(ops))
    throw new TypeError(`Expected ops to be an array such as [{ num: 0, op: -1 }], got ${describe(ops)}`);
  const triples = new Int16Array(ops.length * 3);
  ops.forEach(({ num, op, flags = 0 }, i) => {
    checkInteger(`ops[${i}].num`, num, 0, 65535);
    checkInteger(`ops[${i}].op`, op, -32768, 32767);
    checkInteger(`ops[${i}].flags`, flags, 0, 65535);
    triples.set([num, op, flags], i * 3);
  });
  let result;
  do result = addon.semop(semid, triples, timeoutMs);
  while (result < 0 && mustCallAgain(result));
  if (result < 0) {
    const list = ops.map(({ num, op }) => `${num}:${op > 0 ? '+' : ''}${op}`).join(' ');
    throw new SystemError(syscall, -result, { semid, ops: list, ...(timeoutMs >= 0 && { timeoutMs }) });
  }
  runHandlers();
}

/**
 * Controls a semaphore set, or the semaphore `num` of it (which the other commands do not look at).
 *
 * `GETVAL` its value; `SETVAL` sets it; `GETPID` process of the last operation; `GETNCNT`, `GETZCNT` how many wait for more, for 0;
 * `GETALL`, `SETALL` all values; `IPC_STAT`, `IPC_SET`, `IPC_RMID` the set.
 *
 * @throws SystemError EINVAL (no such set or semaphore), ERANGE (value), EPERM, EACCES. semctl(2)
 */
export function semctl(
  semid: number,
  num: number,
  cmd: typeof GETVAL | typeof GETPID | typeof GETNCNT | typeof GETZCNT,
): number;
export function semctl(semid: number, num: number, cmd: typeof SETVAL, value: number): void;
export function semctl(semid: number, num: number, cmd: typeof GETALL): number[];
export function semctl(semid: number, num: number, cmd: typeof SETALL, values: number[]): void;
export function semctl(semid: number, num: number, cmd: typeof IPC_STAT): SemidDs;
export function semctl(semid: number, num: number, cmd: typeof IPC_SET, settings: IpcSettings): void;
export function semctl(semid: number, num: number, cmd: typeof IPC_RMID): void;
export function semctl(
  semid: number,
  num: number,
  cmd: number,
  value?: number | number[] | IpcSettings,
): number | number[] | SemidDs | void {
  checkInteger('semid', semid);
  checkInteger('num', num);
  const command = COMMANDS[cmd];
  if (!command) {
    throw new RangeError(
      `Expected cmd to be one of ${Object.values(COMMANDS)
        .map(({ name }) => name)
        .join(', ')}, got ${describe(cmd)}`,
    );
  }
  runHandlers();
  const result = command.call(semid, num, value);
  runHandlers();
  if (typeof result !== 'number') return result;
  if (result < 0) throw new SystemError('semctl', -result, { semid, num, cmd: command.name });
  if (command.answers) return result;
}

interface Command {
  name: string;
  /** Is the number that it gives an answer, and not only a sign of success? */
  answers?: boolean;
  call: (semid: number, num: number, value: unknown) => number | number[] | SemidDs;
}

function ask(name: string, cmd: number): Command {
  return { name, answers: true, call: (semid, num) => addon.semctl(semid, num, cmd, 0) };
}

const COMMANDS: Record<number, Command> = {
  [GETVAL]: ask('GETVAL', GETVAL),
  [GETPID]: ask('GETPID', GETPID),
  [GETNCNT]: ask('GETNCNT', GETNCNT),
  [GETZCNT]: ask('GETZCNT', GETZCNT),
  [SETVAL]: {
    name: 'SETVAL',
    call: (semid, num, value) => {
      checkInteger('value', value);
      return addon.semctl(semid, num, SETVAL, value as number);
    },
  },
  [GETALL]: { name: 'GETALL', call: (semid) => addon.semctlGetAll(semid) },
  [SETALL]: {
    name: 'SETALL',
    call: (semid, _num, values) => {
      if (!Array.isArray(values)) throw new TypeError(`Expected values to be an array, got ${describe(values)}`);
      values.forEach((value, i) => checkInteger(`values[${i}]`, value, 0, MAX_VALUE));
      const result = addon.semctlSetAll(semid, Uint16Array.from(values as number[]));
      if (result === -E2BIG) {
        throw new RangeError(
          `Expected values to be ${exchange.numbers[NUMBER]} numbers, one a semaphore, got ${values.length}`,
        );
      }
      return result;
    },
  },
  [IPC_STAT]: {
    name: 'IPC_STAT',
    call: (semid) => {
      const fields = new Float64Array(FIELDS.length);
      const result = addon.semctlStat(semid, fields);
      return result < 0 ? result : toRecord(FIELDS, fields);
    },
  },
  [IPC_SET]: {
    name: 'IPC_SET',
    call: (semid, _num, settings) => {
      const { mode, uid, gid } = checkSettings(settings as IpcSettings, ['mode', 'uid', 'gid']);
      return addon.semctlSet(semid, mode, uid, gid);
    },
  },
  [IPC_RMID]: { name: 'IPC_RMID', call: (semid) => addon.semctl(semid, 0, IPC_RMID, 0) },
};

const E2BIG = 7;
