// Not the global, whose getter costs more than making the Buffer.
import { Buffer } from 'node:buffer';
import { checkInteger, checkLong, describe, isBytes } from './check.js';
import { IPC_RMID, IPC_SET, IPC_STAT } from './constants.js';
import { SystemError } from './errors.js';
import { addon, exchange, EXACT, FLAGS, ID, NUMBER, OFFSET, RESULT, SIZE, TYPE } from './load-addon.js';
import {
  checkKey,
  checkSettings,
  PERMISSION_FIELDS,
  toRecord,
  type IpcPermissions,
  type IpcSettings,
} from './permissions.js';
import { finishCall, mustCallAgain, runHandlers } from './safe-points.js';

/** A message as msgrcv gives it. `T` is `number` unless the call was made with a bigint. */
export interface Message<T extends number | bigint = number> {
  /**
   * Type of the message, at least 1. A type above 2^53−1, which another program must have sent as a C `long` or a bigint, is a
   * bigint whatever the declared type says; ask with a bigint `msgtyp` where that may happen.
   */
  mtype: T;
  /** The bytes, without the type; may be empty. */
  data: Buffer;
}

/** `struct msqid_ds` of msgctl(2), without C's prefixes. */
export interface MsqidDs extends IpcPermissions {
  /** Bytes in the queue. */
  cbytes: number;
  /** Messages in the queue. */
  qnum: number;
  /** Bytes that it may hold. */
  qbytes: number;
  /** Process that sent last; 0 if none. */
  lspid: number;
  /** Process that received last; 0 if none. */
  lrpid: number;
  /** Time of the last msgsnd, in seconds since 1970; 0 if none. */
  stime: number;
  /** Time of the last msgrcv; 0 if none. */
  rtime: number;
  /** Time of creation or of the last change by msgctl. */
  ctime: number;
}

const FIELDS = [...PERMISSION_FIELDS, 'cbytes', 'qnum', 'qbytes', 'lspid', 'lrpid', 'stime', 'rtime', 'ctime'] as const;

/** What msgctl(IPC_SET) can change; what is left out stays as it is. */
export interface MsqidSettings extends IpcSettings {
  /** More than /proc/sys/kernel/msgmnb needs CAP_SYS_RESOURCE. */
  qbytes?: number;
}

const { numbers, exact, integers } = exchange;
const { msgsnd: sendBytes, msgrcv: receiveToSlab, msgrcvInto: receiveInto } = addon;

/** The kernel's type field before the bytes of a message: a C long. */
const HEADER_BYTES = 8;
const SLAB_BYTES = 32 * 1024;
/** A receive that asks for more than this gets memory of its own, which is then copied to the message's true size. */
const LARGE_BYTES = SLAB_BYTES / 2;
export const MAX_BYTES = 2 ** 31 - 1;

let slab = new ArrayBuffer(0);
let slabBytes = 0;
let slabUsed = 0;

/**
 * Gets the id of the queue with that key, creating it if `flags` say so.
 *
 * @param key from `ftok()`, any agreed 32-bit number, or `IPC_PRIVATE` for a new queue that no key leads to
 * @param flags permissions (`0o600`), with `IPC_CREAT` and `IPC_EXCL`
 * @returns the queue's id, which may be 0
 * @throws SystemError EEXIST, ENOENT, EACCES, ENOSPC (too many queues), ENOMEM. msgget(2)
 */
export function msgget(key: number, flags = 0): number {
  checkKey(key);
  checkInteger('flags', flags);
  runHandlers();
  const msqid = addon.msgget(key | 0, flags);
  runHandlers();
  if (msqid < 0) throw new SystemError('msgget', -msqid, { key, flags });
  return msqid;
}

/**
 * Puts a copy of a message into the queue; blocks while the queue is full.
 *
 * @param mtype type of the message, at least 1 (the kernel says EINVAL to less)
 * @param data the bytes; text is sent as UTF-8. Its length in bytes is C's `msgsz`, which does not count the type
 * @param flags `IPC_NOWAIT`: do not block but throw EAGAIN
 * @throws SystemError EINVAL (mtype, id, or longer than /proc/sys/kernel/msgmax, 8192), EAGAIN, EINTR (after the handler ran; never
 *   restarted), EIDRM (removed while blocked), EACCES, ENOMEM. msgsnd(2)
 */
export function msgsnd(msqid: number, mtype: number | bigint, data: Uint8Array | string, flags = 0): void {
  checkInteger('msqid', msqid);
  checkLong('mtype', mtype);
  checkInteger('flags', flags);
  const bytes = toBytes('data', data);
  let result;
  do {
    setArguments(msqid, mtype, flags);
    sendBytes(bytes);
    result = numbers[RESULT]!;
  } while (result < 0 && mustCallAgain(result));
  if (result < 0) throw new SystemError('msgsnd', -result, { msqid, mtype, sizeBytes: bytes.byteLength, flags });
  finishCall();
}

/**
 * Takes a message out of the queue; blocks until there is one.
 *
 * @param size how many bytes there is room for (C's `msgsz`, without the type), or a Uint8Array to write them into
 * @param msgtyp 0: the first message; n: the first of type n (with `MSG_EXCEPT`: of any other type); −n: the first of the lowest type ≤ n
 * @param flags `IPC_NOWAIT`: do not block but throw ENOMSG; `MSG_NOERROR`: cut a longer message; `MSG_EXCEPT`; `MSG_COPY`
 * @returns the type and the bytes; with a Uint8Array the type and how many bytes were written to it
 * @throws SystemError ENOMSG, E2BIG (message is longer; it stays in the queue), EINTR (after the handler ran; never restarted),
 *   EIDRM (removed while blocked), EINVAL, EACCES. msgrcv(2)
 */
export function msgrcv(msqid: number, sizeBytes: number, msgtyp: number, flags?: number): Message;
export function msgrcv(msqid: number, sizeBytes: number, msgtyp: bigint, flags?: number): Message<number | bigint>;
export function msgrcv(
  msqid: number,
  into: Uint8Array,
  msgtyp: number,
  flags?: number,
): { mtype: number; sizeBytes: number };
export function msgrcv(
  msqid: number,
  into: Uint8Array,
  msgtyp: bigint,
  flags?: number,
): { mtype: number | bigint; sizeBytes: number };
export function msgrcv(
  msqid: number,
  size: number | Uint8Array,
  msgtyp: number | bigint,
  flags = 0,
): Message<number | bigint> | { mtype: number | bigint; sizeBytes: number } {
  checkInteger('msqid', msqid);
  checkLong('msgtyp', msgtyp);
  checkInteger('flags', flags);
  if (typeof size === 'number') return receive(msqid, size, msgtyp, flags);
  if (!isBytes(size)) {
    throw new TypeError(
      `Expected the size to be a number of bytes or a Uint8Array to write into, got ${describe(size)}`,
    );
  }
  let sizeBytes;
  do {
    setArguments(msqid, msgtyp, flags);
    receiveInto(size);
    sizeBytes = numbers[RESULT]!;
  } while (sizeBytes < 0 && mustCallAgain(sizeBytes));
  if (sizeBytes < 0) throw new SystemError('msgrcv', -sizeBytes, { msqid, sizeBytes: size.byteLength, msgtyp, flags });
  const mtype = receivedType();
  finishCall();
  return { mtype, sizeBytes };
}

function receive(msqid: number, sizeBytes: number, msgtyp: number | bigint, flags: number): Message<number | bigint> {
  checkInteger('sizeBytes', sizeBytes, 0, MAX_BYTES);
  const large = sizeBytes > LARGE_BYTES;
  let received;
  do {
    // Inside the loop, because a handler may have received a message too.
    if (slabUsed + HEADER_BYTES + sizeBytes > slabBytes) renewSlab(large ? HEADER_BYTES + sizeBytes : SLAB_BYTES);
    setArguments(msqid, msgtyp, flags);
    numbers[SIZE] = sizeBytes;
    numbers[OFFSET] = slabUsed;
    receiveToSlab();
    received = numbers[RESULT]!;
  } while (received < 0 && mustCallAgain(received));
  if (received < 0) throw new SystemError('msgrcv', -received, { msqid, sizeBytes, msgtyp, flags });
  const mtype = receivedType();
  let data = Buffer.from(slab, slabUsed + HEADER_BYTES, received);
  if (large) {
    data = Buffer.from(data);
    renewSlab(SLAB_BYTES);
  } else {
    slabUsed += HEADER_BYTES + ((received + HEADER_BYTES - 1) & -HEADER_BYTES);
  }
  finishCall();
  return { mtype, data };
}

function setArguments(msqid: number, type: number | bigint, flags: number): void {
  integers[ID] = msqid;
  integers[FLAGS] = flags;
  if (typeof type === 'number') {
    numbers[TYPE] = type;
  } else {
    numbers[TYPE] = Number.NaN;
    exact[EXACT] = type;
  }
}

/** The old slab lives on in the Buffers that were made of it. */
function renewSlab(bytes: number): void {
  slab = new ArrayBuffer(bytes);
  slabBytes = bytes;
  slabUsed = 0;
  addon.useSlab(slab);
}

/** Of the message that was received just now. */
export function receivedType(): number | bigint {
  const mtype = numbers[NUMBER]!;
  return mtype <= Number.MAX_SAFE_INTEGER ? mtype : exact[EXACT]!;
}

/**
 * Controls a queue: `IPC_RMID` removes it at once (whoever is blocked on it gets EIDRM), `IPC_STAT` reads its state, `IPC_SET`
 * changes owner, permissions or size.
 *
 * @throws SystemError EINVAL (no such queue), EPERM (neither owner nor creator), EACCES (IPC_STAT without read permission). msgctl(2)
 */
export function msgctl(msqid: number, cmd: typeof IPC_RMID): void;
export function msgctl(msqid: number, cmd: typeof IPC_STAT): MsqidDs;
export function msgctl(msqid: number, cmd: typeof IPC_SET, settings: MsqidSettings): void;
export function msgctl(msqid: number, cmd: number, settings?: MsqidSettings): MsqidDs | void {
  checkInteger('msqid', msqid);
  const name = COMMANDS[cmd];
  if (name === undefined)
    throw new RangeError(`Expected cmd to be IPC_RMID, IPC_STAT or IPC_SET, got ${describe(cmd)}`);
  const given = cmd === IPC_SET ? checkSettings(settings, ['mode', 'uid', 'gid', 'qbytes']) : {};
  const fields = new Float64Array(FIELDS.length);
  runHandlers();
  const result =
    cmd === IPC_STAT
      ? addon.msgctlStat(msqid, fields)
      : cmd === IPC_SET
        ? addon.msgctlSet(msqid, given.mode, given.uid, given.gid, given.qbytes)
        : addon.msgctlRemove(msqid);
  runHandlers();
  if (result < 0) throw new SystemError('msgctl', -result, { msqid, cmd: name, ...given });
  if (cmd === IPC_STAT) return toRecord(FIELDS, fields);
}

const COMMANDS: Record<number, string> = { [IPC_RMID]: 'IPC_RMID', [IPC_STAT]: 'IPC_STAT', [IPC_SET]: 'IPC_SET' };

/** Text is sent as UTF-8. */
export function toBytes(name: string, data: unknown): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data);
  if (!isBytes(data))
    throw new TypeError(`Expected ${name} to be a string, a Buffer or a Uint8Array, got ${describe(data)}`);
  return data;
}
