import { createSchedule, formatToken, type Schedule } from '@ipclab/harness';
import type { InjectionOutcome, Trace } from '@ipclab/native/supervisor';
import type { ExploredRun, Observed, Found } from './exploration.js';

/** Deviations that a token lists. Where others moved more often, it names the strategy and its seed. */
export const MAX_LISTED = 30;

/** A run, with what replays it. */
export function createRun<F extends Found>(
  name: string,
  index: number,
  schedule: Schedule,
  trace: Trace,
  observed: Observed<F>[],
): ExploredRun<F> {
  // What never came about is no part of what replays the run.
  const isReal = (outcome: InjectionOutcome | undefined): boolean =>
    !['not-reached', 'process-gone'].includes(outcome?.status ?? 'landed');
  const isListed = trace.deviations.length <= MAX_LISTED || schedule.strategy.kind === 'default';
  const replay = createSchedule({
    ...(isListed ? { deviations: trace.deviations } : { strategy: schedule.strategy, deviations: schedule.deviations }),
    injections: schedule.injections.filter((_, at) => isReal(trace.injections[at])),
    faults: schedule.faults.filter((_, at) => isReal(trace.faults[at])),
    absent: schedule.absent,
  });
  return { index, schedule: replay, token: formatToken(name, replay, observed[0]?.line), trace, observed };
}
