import type { Trace } from '@ipclab/native/supervisor';
import { countChoices, type ExploredRun, type Explanation, type Found } from './exploration.js';
import type { ExploreOptions } from './explore-scenario.js';
import { findSwap } from './find-swap.js';
import { countAffordable, isSlow } from './slow-runs.js';

/** Runs to look for the choice that a failure turns on. */
const MAX_SWAPS = 16;

/**
 * What a failure turns on, and from which lines of the source its calls were made; that takes some more runs.
 * @param until `seq` of the event by which it has failed.
 * @throws what `runOnce` throws, unless aborted.
 */
export async function explainFailure<F extends Found>(
  run: ExploredRun<F>,
  until: number,
  { runOnce, check, abort }: Pick<ExploreOptions<F>, 'runOnce' | 'check' | 'abort'>,
): Promise<Explanation<F>> {
  try {
    const swap =
      isSlow(run.trace) || countChoices(run) === 0 || run.schedule.strategy.kind !== 'default'
        ? undefined
        : await findSwap({
            schedule: run.schedule,
            run: runOnce,
            passes: (trace) => check(trace).length === 0,
            maxRuns: countAffordable(run.trace, MAX_SWAPS),
            until,
            ...(abort ? { abort } : {}),
          });
    return { run: { ...run, trace: await addPlaces(run, runOnce) }, ...(swap ? { swap } : {}) };
  } catch (error) {
    if (!abort?.aborted) throw error;
    return { run };
  }
}

/** The same run once more, for the lines of the source. If it is not the same, it does without: nothing hangs on them. */
async function addPlaces<F extends Found>(
  { schedule, trace }: ExploredRun<F>,
  runOnce: ExploreOptions<F>['runOnce'],
): Promise<Trace> {
  try {
    const { events, end } = await runOnce({ ...schedule, places: true });
    const isSame =
      describeCourse(events) === describeCourse(trace.events) && end.waits.length === trace.end.waits.length;
    if (!isSame) return trace;
    return {
      ...trace,
      events: trace.events.map((event, at) => withPlace(event, events[at]!)),
      end: { ...trace.end, waits: trace.end.waits.map((wait, at) => withPlace(wait, end.waits[at]!)) },
    };
  } catch {
    return trace;
  }
}

/** What messages hold may differ: bytes that a program never wrote. */
function describeCourse(events: Trace['events']): string {
  return events.map((event) => `${event.process} ${event.kind} ${'name' in event ? event.name : ''}`).join();
}

function withPlace<T extends object>(to: T, from: object): T {
  return 'place' in from ? { ...to, place: from.place } : to;
}
