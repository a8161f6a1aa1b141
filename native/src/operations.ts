/** What promises.* wait for: operations on threads of their own, by id. */
import { describe } from './check.js';
import { ECANCELED, SystemError } from './errors.js';
import { addon } from './load-addon.js';
import { runHandlers } from './safe-points.js';

/** By id, how to settle those that wait: with a result or −errno, and the bytes received. */
const pending = new Map<number, (result: number, data?: Buffer) => void>();
let lastId = 0;

/**
 * Begins an operation and promises its result.
 *
 * @param begin starts it under that id; 0 or −errno
 * @param complete makes the promise's value, for a receive from the bytes
 */
export function startOperation<T>(
  syscall: string,
  args: Record<string, unknown>,
  { signal }: { signal?: AbortSignal | undefined },
  begin: (id: number) => number,
  complete: (data?: Buffer) => T,
): Promise<T> {
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`Expected options.signal to be an AbortSignal, got ${describe(signal)}`);
  }
  runHandlers();
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted) {
      reject(createAbortError(signal));
      return;
    }
    const id = (lastId = (lastId % 0xffffffff) + 1);
    const abort = (): void => addon.cancelOperation(id);
    if (pending.size === 0) addon.keepAlive(true);
    const settle = (result: number, data?: Buffer): void => {
      signal?.removeEventListener('abort', abort);
      pending.delete(id);
      if (pending.size === 0) addon.keepAlive(false);
      if (result >= 0) resolve(complete(data));
      else if (result === -ECANCELED && signal?.aborted) reject(createAbortError(signal));
      else reject(new SystemError(syscall, -result, args));
    };
    if (pending.size === 0) addon.keepAlive(true);
    pending.set(id, settle);
    signal?.addEventListener('abort', abort, { once: true });
    const result = begin(id);
    if (result < 0) settle(result);
  });
}

function createAbortError(signal: AbortSignal): Error {
  const error = new Error('The operation was aborted', { cause: signal.reason });
  return Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' });
}

/** In a forked child: the calls that wait in the parent are the parent's, and reject here with ECANCELED. */
export function rejectInherited(): void {
  for (const settle of pending.values()) settle(-ECANCELED);
}

addon.onFinished(() => {
  for (let finished = addon.takeFinished(); finished !== null; finished = addon.takeFinished()) {
    pending.get(finished.id)?.(finished.result, finished.data);
  }
});
