import type { Schedule } from '@ipclab/harness';
import type { Trace } from '@ipclab/native/supervisor';
import type { Difference } from './first-difference.js';
import type { Swap } from './find-swap.js';
import type { HappeningRow } from './happenings.js';

/** Of a finding, what exploration looks at. */
export interface Found {
  code: string;
  /** `seq` of the events that show it. */
  events: readonly number[];
}

/** What a rule found, for the line of the score that asked for it. */
export interface Observed<F extends Found = Found> {
  /** Id of the line. */
  line: string;
  finding: F;
}

/** One run that was made. */
export interface ExploredRun<F extends Found> {
  /** From 0; 0 is the default order. */
  index: number;
  /** Default order with deviations and injections: replays it. */
  schedule: Schedule;
  /** Replays it, and names the first line that fails in it. */
  token: string;
  trace: Trace;
  observed: Observed<F>[];
}

/** Runs of which the first finding, in the lab's order, is the same. */
export interface OutcomeGroup<F extends Found> {
  runs: number;
  /** The one with the fewest deviations and injections, of these the earliest. */
  simplest: ExploredRun<F>;
  /** Did its repetitions give the same? Undefined if there was no need to repeat it. */
  reproduced?: boolean;
}

export interface ConfirmedFailure<F extends Found> {
  line: string;
  finding: F;
  run: ExploredRun<F>;
  /** Replays the run, and names the line. */
  token: string;
  /** Makes the runs that tell more of it, at the first time that it is asked. Absent where nobody wants to know. */
  explain?: () => Promise<Explanation<F>>;
}

/** What is told of a failure besides its finding. */
export interface Explanation<F extends Found> {
  /** The failing run, with the lines of the source, as far as they are known. */
  run: ExploredRun<F>;
  /** The choice of it that the failure turns on, if one was found. */
  swap?: Swap;
}

export interface ExplorationDoubt {
  line: string;
  reason: string;
  token: string;
  differs?: Difference;
}

/** What is known of a scenario after its runs. */
export interface Exploration<F extends Found> {
  scenario: string;
  runs: number;
  budget: number;
  groups: OutcomeGroup<F>[];
  /** Ids of the lines that a run put to the test. */
  tested: string[];
  /** At most one a line: the simplest that was found again twice. */
  failures: ConfirmedFailure<F>[];
  /** Lines without a failure for which a run failed that did not fail again. */
  doubts: ExplorationDoubt[];
  /** What broke, on our side; then nothing is certain but the failures. */
  fault?: { error: Error; token: string };
  interrupted: boolean;
  placements?: { known: number; tried: number; landed: number; matrix: HappeningRow[] };
  explored?: Explored;
  /** Did the time for it end before the runs did? */
  outOfTime?: boolean;
}

/** Of a scenario of which no run has been made. */
export const createExploration = <F extends Found>(scenario: string, budget: number): Exploration<F> => ({
  scenario,
  runs: 0,
  budget,
  groups: [],
  tested: [],
  failures: [],
  doubts: [],
  interrupted: false,
});

/** How the schedules were found. */
export interface Explored {
  /** `default`, `bounded`, `random`, `pct(2)`, `pos` …, in the order in which they were first used. */
  strategies: { name: string; runs: number }[];
  /** Schedules that differ from one another. */
  distinct: number;
  /** Most in a run. */
  processes: number;
  /** Most points in a run at which more than one could move. */
  choices: number;
  /**
   * All schedules with at most that many preemptions have been run; −1: not even all without one. Not known where signals or faults
   * come.
   */
  preemptions?: number;
  /** Have all schedules been run that there are? */
  isComplete: boolean;
}

type Planned = { schedule: Schedule; trace: Pick<Trace, 'deviations'> };

/** Which of two runs is nearer to the default order of all processes? Below 0 if the first is; the earlier one, if none is. */
export function compareSimplicity(a: Planned & { index: number }, b: Planned & { index: number }): number {
  return countChoices(a) - countChoices(b) || b.schedule.absent.length - a.schedule.absent.length || a.index - b.index;
}

/** How far a run is from the default order. */
export function countChoices({ schedule, trace }: Planned): number {
  return trace.deviations.length + schedule.injections.length + schedule.faults.length;
}
