import { z } from 'zod';
import { isAnyReached, isSignalled, type Run } from '../model/run.js';

/** What is still owed in a run in which a planned signal has reached a process; the parameter `signalled` of most rules. */
export const signalledSchema = z
  .enum(['skip', 'unreached', 'check'])
  .default('skip')
  .describe(
    'In a run in which a planned signal has reached a process: skip it; ask it of those alone that the signal has not reached (nor their relatives by fork); or check it as in any other run',
  );

export type Signalled = z.infer<typeof signalledSchema>;

/** Is nothing owed to or by these processes, because of a signal? Without processes: is nothing owed at all? */
export function isExcused(run: Run, signalled: Signalled, processes?: readonly number[]): boolean {
  if (signalled === 'check' || !isSignalled(run)) return false;
  if (signalled === 'skip') return true;
  return processes !== undefined && isAnyReached(run, processes);
}
