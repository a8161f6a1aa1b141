import type { Schedule } from '@ipclab/harness';
import type { Trace } from '@ipclab/native/supervisor';
import type { Difference } from './first-difference.js';

/** What a rule found, for the line of the score that asked for it. */
export interface Observed<F extends { code: string } = { code: string }> {
  /** Id of the line. */
  line: string;
  finding: F;
}

/** One run that was made. */
export interface ExploredRun<F extends { code: string }> {
  /** From 0; 0 is the default order. */
  index: number;
  /** Default order with deviations and injections: replays it. */
  schedule: Schedule;
  token: string;
  trace: Trace;
  observed: Observed<F>[];
}

/** Runs with the same findings. */
export interface OutcomeGroup<F extends { code: string }> {
  runs: number;
  /** The one with the fewest deviations and injections, of these the earliest. */
  simplest: ExploredRun<F>;
  /** Did its repetitions give the same? Undefined if there was no need to repeat it. */
  reproduced?: boolean;
}

export interface ConfirmedFailure<F extends { code: string }> {
  line: string;
  finding: F;
  run: ExploredRun<F>;
}

export interface ExplorationDoubt {
  line: string;
  reason: string;
  token: string;
  differs?: Difference;
}

/** What is known of a scenario after its runs. */
export interface Exploration<F extends { code: string }> {
  scenario: string;
  runs: number;
  budget: number;
  groups: OutcomeGroup<F>[];
  /** At most one a line: the simplest that was found again twice. */
  failures: ConfirmedFailure<F>[];
  /** Lines without a failure for which a run failed that did not fail again. */
  doubts: ExplorationDoubt[];
  /** What broke, on our side; then nothing is certain but the failures. */
  fault?: { error: Error; token: string };
  interrupted: boolean;
  placements?: { known: number; tried: number; landed: number };
}

/** How far a run is from the default order. */
export function countChoices({ schedule }: { schedule: Schedule }): number {
  return schedule.deviations.length + schedule.injections.length;
}
