/**
 * msgsnd and msgrcv that do not block the program: each waits on a thread of its own, never on one of libuv's pool.
 *
 * While one is pending the program does not end by itself; process.exit() ends it at once. A signal does not interrupt them, so
 * there is no EINTR.
 */
import { checkInteger, checkLong, describe, isBytes } from './check.js';
import { addon } from './load-addon.js';
import { MAX_BYTES, receivedType, toBytes, type Message } from './messages.js';
import { startOperation } from './operations.js';

export interface WaitOptions {
  /** Ends the waiting: the promise rejects with an AbortError, unless the call had succeeded already. */
  signal?: AbortSignal | undefined;
}

/**
 * As msgsnd(), but waits for room without blocking the program. The bytes are copied before it returns.
 *
 * @returns a promise that rejects with a SystemError (EIDRM, EACCES, EINVAL, …; EAGAIN also when no thread could be started), with an
 *   AbortError, or with ECANCELED in a child that was forked while it was pending. msgsnd(2)
 */
export function msgsnd(
  msqid: number,
  mtype: number | bigint,
  data: Uint8Array | string,
  flags = 0,
  options: WaitOptions = {},
): Promise<void> {
  checkInteger('msqid', msqid);
  checkLong('mtype', mtype);
  checkInteger('flags', flags);
  const bytes = toBytes('data', data);
  const args = { msqid, mtype, sizeBytes: bytes.byteLength, flags };
  return startOperation(
    'msgsnd',
    args,
    options,
    (id) => addon.startOperation(id, true, msqid, mtype, bytes, flags),
    () => {},
  );
}

/**
 * As msgrcv(), but waits for a message without blocking the program. Several may wait at a time; the queue serves them in the order
 * in which their threads came to it.
 *
 * @param size how many bytes there is room for, or a Uint8Array, which is written when the message has come
 * @returns a promise that rejects with a SystemError (EIDRM, E2BIG, ENOMSG, …; EAGAIN when no thread could be started), with an
 *   AbortError, or with ECANCELED in a child that was forked while it was pending. A message that had been taken when the AbortSignal
 *   came is delivered. msgrcv(2)
 */
export function msgrcv(
  msqid: number,
  sizeBytes: number,
  msgtyp: number,
  flags?: number,
  options?: WaitOptions,
): Promise<Message>;
export function msgrcv(
  msqid: number,
  sizeBytes: number,
  msgtyp: bigint,
  flags?: number,
  options?: WaitOptions,
): Promise<Message<number | bigint>>;
export function msgrcv(
  msqid: number,
  into: Uint8Array,
  msgtyp: number,
  flags?: number,
  options?: WaitOptions,
): Promise<{ mtype: number; sizeBytes: number }>;
export function msgrcv(
  msqid: number,
  into: Uint8Array,
  msgtyp: bigint,
  flags?: number,
  options?: WaitOptions,
): Promise<{ mtype: number | bigint; sizeBytes: number }>;
export function msgrcv(
  msqid: number,
  size: number | Uint8Array,
  msgtyp: number | bigint,
  flags = 0,
  options: WaitOptions = {},
): Promise<Message<number | bigint> | { mtype: number | bigint; sizeBytes: number }> {
  checkInteger('msqid', msqid);
  checkLong('msgtyp', msgtyp);
  checkInteger('flags', flags);
  const into = typeof size === 'number' ? null : size;
  if (into && !isBytes(into)) {
    throw new TypeError(
      `Expected the size to be a number of bytes or a Uint8Array to write into, got ${describe(size)}`,
    );
  }
  const sizeBytes = into?.byteLength ?? (size as number);
  checkInteger('sizeBytes', sizeBytes, 0, MAX_BYTES);
  return startOperation<Message<number | bigint> | { mtype: number | bigint; sizeBytes: number }>(
    'msgrcv',
    { msqid, sizeBytes, msgtyp, flags },
    options,
    (id) => addon.startOperation(id, false, msqid, msgtyp, sizeBytes, flags),
    (data) => {
      const mtype = receivedType();
      if (!into) return { mtype, data: data! };
      into.set(data!);
      return { mtype, sizeBytes: data!.byteLength };
    },
  );
}
