import { checkInteger, describe } from './check.js';
import { IPC_RMID, IPC_SET, IPC_STAT, SHM_LOCK, SHM_UNLOCK } from './constants.js';
import { SystemError } from './errors.js';
import { addon } from './load-addon.js';
import {
  checkKey,
  checkSettings,
  PERMISSION_FIELDS,
  toRecord,
  type IpcPermissions,
  type IpcSettings,
} from './permissions.js';
import { runHandlers } from './safe-points.js';

/** `struct shmid_ds` of shmctl(2), without C's prefixes. */
export interface ShmidDs extends IpcPermissions {
  /** Permission bits, with `SHM_DEST` (will be removed when nobody is attached) and `SHM_LOCKED`. */
  mode: number;
  /** Size in bytes. */
  segsz: number;
  /** How many times it is attached, in all processes. */
  nattch: number;
  /** Process that created it. */
  cpid: number;
  /** Process that attached or detached last; 0 if none. */
  lpid: number;
  /** Time of the last shmat, in seconds since 1970; 0 if none. */
  atime: number;
  /** Time of the last shmdt; 0 if none. */
  dtime: number;
  /** Time of creation or of the last change by shmctl. */
  ctime: number;
}

const FIELDS = [...PERMISSION_FIELDS, 'segsz', 'nattch', 'cpid', 'lpid', 'atime', 'dtime', 'ctime'] as const;

/** What is attached. Kept here, so that a segment stays attached until shmdt or the end, whether or not its Buffer is still used. */
const attached = new Set<ArrayBufferLike>();

/**
 * Gets the id of the shared memory segment with that key, creating it if `flags` say so. A new segment is all zeros.
 *
 * @param key from `ftok()`, any agreed number, or `IPC_PRIVATE`
 * @param sizeBytes size of a new segment; of one that exists at most its size, so 0 will do
 * @param flags permissions (`0o600`), with `IPC_CREAT` and `IPC_EXCL`
 * @throws SystemError EEXIST, ENOENT, EACCES, EINVAL (size), ENOSPC, ENOMEM. shmget(2)
 */
export function shmget(key: number, sizeBytes: number, flags = 0): number {
  checkKey(key);
  checkInteger('sizeBytes', sizeBytes, 0, Number.MAX_SAFE_INTEGER);
  checkInteger('flags', flags);
  runHandlers();
  const shmid = addon.shmget(key | 0, sizeBytes, flags);
  runHandlers();
  if (shmid < 0) throw new SystemError('shmget', -shmid, { key, sizeBytes, flags });
  return shmid;
}

/**
 * Attaches a segment: the Buffer *is* the memory that the processes share. It stays attached, in forked children too, until shmdt or
 * the end of the process. The kernel chooses the address, and is asked for the segment's size (IPC_STAT).
 *
 * @param flags `SHM_RDONLY`: a write to the Buffer ends the process by SIGSEGV, as in C; `SHM_EXEC`
 * @throws SystemError EINVAL (no such segment), EACCES, ENOMEM. shmat(2)
 */
export function shmat(shmid: number, flags = 0): Buffer {
  checkInteger('shmid', shmid);
  checkInteger('flags', flags);
  runHandlers();
  const segment = addon.shmat(shmid, flags);
  runHandlers();
  if (typeof segment === 'number') throw new SystemError('shmat', -segment, { shmid, flags });
  attached.add(segment);
  return Buffer.from(segment);
}

/**
 * Detaches a segment. The Buffer, and every other view of that memory, has length 0 afterwards.
 *
 * @param buffer what shmat returned
 * @throws SystemError EINVAL: not attached (any more). shmdt(2)
 */
export function shmdt(buffer: Buffer): void {
  if (!Buffer.isBuffer(buffer))
    throw new TypeError(`Expected buffer to be what shmat() returned, got ${describe(buffer)}`);
  runHandlers();
  const result = attached.has(buffer.buffer) ? addon.shmdt(buffer.buffer) : -EINVAL;
  if (result < 0) throw new SystemError('shmdt', -result, { sizeBytes: buffer.byteLength });
  attached.delete(buffer.buffer);
  runHandlers();
}

const EINVAL = 22;

/**
 * Controls a segment: `IPC_RMID` removes it once nobody is attached, `IPC_STAT` reads its state, `IPC_SET` changes owner or
 * permissions, `SHM_LOCK` and `SHM_UNLOCK` keep it in memory or not.
 *
 * @throws SystemError EINVAL (no such segment), EPERM (neither owner nor creator), EACCES. shmctl(2)
 */
export function shmctl(shmid: number, cmd: typeof IPC_RMID | typeof SHM_LOCK | typeof SHM_UNLOCK): void;
export function shmctl(shmid: number, cmd: typeof IPC_STAT): ShmidDs;
export function shmctl(shmid: number, cmd: typeof IPC_SET, settings: IpcSettings): void;
export function shmctl(shmid: number, cmd: number, settings?: IpcSettings): ShmidDs | void {
  checkInteger('shmid', shmid);
  const name = COMMANDS[cmd];
  if (name === undefined) {
    throw new RangeError(
      `Expected cmd to be IPC_RMID, IPC_STAT, IPC_SET, SHM_LOCK or SHM_UNLOCK, got ${describe(cmd)}`,
    );
  }
  const given = cmd === IPC_SET ? checkSettings(settings, ['mode', 'uid', 'gid']) : {};
  const fields = new Float64Array(FIELDS.length);
  runHandlers();
  const result =
    cmd === IPC_STAT
      ? addon.shmctlStat(shmid, fields)
      : cmd === IPC_SET
        ? addon.shmctlSet(shmid, given.mode, given.uid, given.gid)
        : addon.shmctl(shmid, cmd);
  runHandlers();
  if (result < 0) throw new SystemError('shmctl', -result, { shmid, cmd: name, ...given });
  if (cmd === IPC_STAT) return toRecord(FIELDS, fields);
}

const COMMANDS: Record<number, string> = {
  [IPC_RMID]: 'IPC_RMID',
  [IPC_STAT]: 'IPC_STAT',
  [IPC_SET]: 'IPC_SET',
  [SHM_LOCK]: 'SHM_LOCK',
  [SHM_UNLOCK]: 'SHM_UNLOCK',
};
