import { types } from 'node:util';

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** Throws unless `value` is a whole number from `min` to `max`; default: a C `int`. */
export function checkInteger(name: string, value: unknown, min = INT_MIN, max = INT_MAX): void {
  if (typeof value !== 'number') throw new TypeError(`Expected ${name} to be a number, got ${describe(value)}`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`Expected ${name} to be a whole number from ${min} to ${max}, got ${value}`);
  }
}

/** Throws unless `value` fits a C `long`: a whole number that JavaScript holds exactly, or a bigint of 64 bits. */
export function checkLong(name: string, value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) {
      throw new RangeError(`Expected ${name} to be a whole number of at most 2^53-1 (or a bigint), got ${value}`);
    }
  } else if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value)
      throw new RangeError(`Expected ${name} to fit a C long (64 bits), got ${value}n`);
  } else {
    throw new TypeError(`Expected ${name} to be a number or a bigint, got ${describe(value)}`);
  }
}

/** A value in an error message: short, and never a whole structure. */
export function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === 'function') return value.name ? `function ${value.name}` : 'a function';
  if (typeof value === 'object' && value !== null) return `an instance of ${value.constructor?.name ?? 'Object'}`;
  return String(value);
}

/** Is it a Uint8Array, of this realm (quick to see) or another? */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || types.isUint8Array(value);
}
