import { checkInteger, describe } from './check.js';
import { SystemError } from './errors.js';
import { addon, exchange, NUMBER } from './load-addon.js';
import { runHandlers } from './safe-points.js';

/**
 * Makes a key of a file that exists and a project number, so that programs which agree on both get the same key.
 * The file's content does not matter; a file that was removed and made again gives another key.
 *
 * @param projId a number, of which the low 8 bits count and must not all be 0, or one character as in C's `ftok(path, 'A')`
 * @throws SystemError of stat(2): ENOENT, EACCES. ftok(3)
 */
export function ftok(path: string, projId: number | string): number {
  if (typeof path !== 'string') throw new TypeError(`Expected path to be a string, got ${describe(path)}`);
  if (path.includes('\0')) throw new TypeError(`Expected path to be without null bytes, got ${describe(path)}`);
  if (typeof projId === 'string' && (projId.length !== 1 || projId.charCodeAt(0) > 255)) {
    throw new RangeError(`Expected projId to be a number or one character of one byte, got ${describe(projId)}`);
  }
  const number = typeof projId === 'string' ? projId.charCodeAt(0) : projId;
  checkInteger('projId', number);
  runHandlers();
  const key = addon.ftok(path, number);
  const errno = exchange.numbers[NUMBER]!;
  if (errno !== 0) throw new SystemError('ftok', errno, { path, projId });
  return key;
}
