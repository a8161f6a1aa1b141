import { constants } from 'node:os';
import { describe } from './check.js';
import { SIGRTMAX, SIGRTMIN } from './constants.js';

/** Name of a signal, as Node and kill(1) spell it. */
export type SignalName = NodeJS.Signals;

const {
  SIGPOLL: _sameAsSigio,
  SIGIOT: _sameAsSigabrt,
  SIGUNUSED: _sameAsSigsys,
  ...signals
} = constants.signals as Record<string, number>;
const names = new Map(Object.entries(signals).map(([name, number]) => [number, name]));

/** The number of a signal that was given by name or number; 0, which kill(2) takes, stays 0. Whether it exists is the kernel's to say. */
export function parseSignal(signal: unknown): number {
  if (typeof signal === 'string') {
    const number = (constants.signals as Record<string, number>)[signal];
    if (number === undefined)
      throw new RangeError(`Expected signal to be a name such as 'SIGTERM', got ${describe(signal)}`);
    return number;
  }
  if (typeof signal !== 'number')
    throw new TypeError(`Expected signal to be a number or a name such as 'SIGTERM', got ${describe(signal)}`);
  if ((signal | 0) !== signal) throw new RangeError(`Expected signal to be a whole number, got ${signal}`);
  return signal;
}

/** `SIGTERM` for 15; `SIGRTMIN+2` for a real-time signal; `SIG77` for what is none. */
export function getSignalName(signal: number): string {
  const name = names.get(signal);
  if (name !== undefined) return name;
  return signal >= SIGRTMIN && signal <= SIGRTMAX + 1
    ? `SIGRTMIN${signal > SIGRTMIN ? `+${signal - SIGRTMIN}` : ''}`
    : `SIG${signal}`;
}
