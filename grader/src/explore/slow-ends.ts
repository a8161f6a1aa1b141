import type { RunEndCause, Trace } from '@ipclab/native/supervisor';

// Runs that end like this take seconds each, and others of the same program would too.
const SLOW_ENDS = new Set<RunEndCause>([
  'wall-limit',
  'cpu-limit',
  'memory-limit',
  'output-limit',
  'file-limit',
  'step-limit',
]);

/** So many of them are enough, of one scenario, or while one schedule is made simpler. */
export const MAX_SLOW_RUNS = 2;

export const isSlow = ({ end }: Trace): boolean => SLOW_ENDS.has(end.cause);
