import { createSchedule, type Schedule } from '@ipclab/harness';
import type { ChoicePoint, Deviation, Trace } from '@ipclab/native/supervisor';

/** Two moves of a failing run that, the other way round, would have made it pass. */
export interface Swap {
  /** Number of events of the failing run before the choice. */
  seq: number;
  /** Name of the process that moved. */
  first: string;
  /** Name of the one that should have. */
  second: string;
}

export interface SwapOptions {
  /** Fails, in the default order with what it plans. */
  schedule: Schedule;
  /** Throws a Fault. */
  run: (schedule: Schedule) => Promise<Trace>;
  /** Does a run go well, as far as the failing one went wrong? */
  passes: (trace: Trace) => boolean;
  /** Runs that it may take. */
  maxRuns: number;
  abort?: AbortSignal;
}

/**
 * Looks for the one choice that a failure turns on: from the last choice of the run back, lets another process move there, first
 * the one that moved next. Undefined if there is no such choice, or none among those that could be tried.
 */
export async function findSwap({ schedule, run, passes, maxRuns, abort }: SwapOptions): Promise<Swap | undefined> {
  const { points = [], events } = await run({ ...schedule, recordPoints: true });
  let runs = 1;
  for (const [index, point] of [...points.entries()].toReversed()) {
    // What was chosen after the last event can have changed nothing.
    if (point.seq >= events.length) continue;
    for (const second of listOthers(point, points.slice(index + 1))) {
      if (runs >= maxRuns || abort?.aborted) return undefined;
      runs++;
      const deviations = [...getDeviations(points.slice(0, index)), { at: point.at, call: point.call, to: second }];
      const trace = await run(createSchedule({ ...schedule, deviations }));
      if (passes(trace)) return { seq: point.seq, first: point.to, second };
    }
  }
  return undefined;
}

const getDeviations = (points: readonly ChoicePoint[]): Deviation[] =>
  points.flatMap(({ at, call, to, usual }) => (to === usual ? [] : [{ at, call, to }]));

/** Those that could have moved, the ones that moved soonest after it first. */
function listOthers({ able, to }: ChoicePoint, later: readonly ChoicePoint[]): string[] {
  const moved = [...new Set(later.map((point) => point.to))];
  const rank = (name: string): number => (moved.includes(name) ? moved.indexOf(name) : moved.length);
  return able.filter((name) => name !== to).toSorted((a, b) => rank(a) - rank(b));
}
