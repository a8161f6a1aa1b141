import { inspect } from 'node:util';
import { getSignalName, parseSignal, type SignalName } from './signal-names.js';
import { describe } from './check.js';

const LAST = 64;

/** C's `sigset_t`: a set of signals. Made by `sigemptyset()` or `sigfillset()`; changed in place, as in C. */
export class SigSet {
  readonly #signals = new Set<number>();

  /** @internal */
  static fromWords(low: number, high: number): SigSet {
    const set = new SigSet();
    for (let signal = 1; signal <= LAST; signal++) {
      if ((signal <= 32 ? low >>> (signal - 1) : high >>> (signal - 33)) & 1) set.#signals.add(signal);
    }
    return set;
  }

  /** @internal The kernel's form: bit n−1 is signal n. */
  toWords(): [low: number, high: number] {
    const words: [number, number] = [0, 0];
    for (const signal of this.#signals) {
      if (signal <= 32) words[0] |= 1 << (signal - 1);
      else words[1] |= 1 << (signal - 33);
    }
    return [words[0] >>> 0, words[1] >>> 0];
  }

  /** @internal */
  get signals(): Set<number> {
    return this.#signals;
  }

  /** Names of the members, in the order of their numbers. */
  toJSON(): string[] {
    return [...this.#signals].toSorted((a, b) => a - b).map(getSignalName);
  }

  [inspect.custom](): string {
    const names = this.toJSON();
    return names.length ? `SigSet { ${names.join(', ')} }` : 'SigSet {}';
  }
}

/** A set without any signal. sigsetops(3). */
export function sigemptyset(): SigSet {
  return new SigSet();
}

/** A set of all signals. sigsetops(3). */
export function sigfillset(): SigSet {
  return SigSet.fromWords(0xffffffff, 0xffffffff);
}

/** Puts a signal into the set. Throws RangeError for what is no signal (C: EINVAL). sigsetops(3). */
export function sigaddset(set: SigSet, signal: number | SignalName): void {
  checkSet('set', set).signals.add(checkMember(signal));
}

/** Takes a signal out of the set. Throws RangeError for what is no signal. sigsetops(3). */
export function sigdelset(set: SigSet, signal: number | SignalName): void {
  checkSet('set', set).signals.delete(checkMember(signal));
}

/** Is the signal in the set? Throws RangeError for what is no signal. sigsetops(3). */
export function sigismember(set: SigSet, signal: number | SignalName): boolean {
  return checkSet('set', set).signals.has(checkMember(signal));
}

export function checkSet(name: string, set: unknown): SigSet {
  if (!(set instanceof SigSet))
    throw new TypeError(`Expected ${name} to be a set made by sigemptyset() or sigfillset(), got ${describe(set)}`);
  return set;
}

function checkMember(signal: unknown): number {
  const number = parseSignal(signal);
  if (number < 1 || number > LAST) throw new RangeError(`Expected signal to be from 1 to ${LAST}, got ${number}`);
  return number;
}
