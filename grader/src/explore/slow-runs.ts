import type { Trace } from '@ipclab/native/supervisor';

/** So many runs that met a limit are enough, of one scenario, or while one schedule is made simpler. */
export const MAX_SLOW_RUNS = 2;
/** In all runs together that only make a failure easier to understand. Not milliseconds: what is told must not depend on the machine. */
const MAX_EVENTS = 10_000;

/** Runs that end at a limit take seconds each, and others of the same program would too. */
export const isSlow = ({ end }: Trace): boolean => end.cause.endsWith('-limit');

/** How many such runs, `most` at most, is a failing one worth? Few if it is long: they are about as long as it is. */
export const countAffordable = ({ events }: Pick<Trace, 'events'>, most: number): number =>
  Math.min(most, Math.ceil(MAX_EVENTS / events.length));
