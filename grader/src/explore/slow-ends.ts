import type { Trace } from '@ipclab/native/supervisor';

/** So many runs that met a limit are enough, of one scenario, or while one schedule is made simpler. */
export const MAX_SLOW_RUNS = 2;

/** Runs that end at a limit take seconds each, and others of the same program would too. */
export const isSlow = ({ end }: Trace): boolean => end.cause.endsWith('-limit');
