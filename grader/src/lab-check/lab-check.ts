import type { CorrectOutcome } from './grade-correct.js';
import type { MutantOutcome } from './grade-mutant.js';
import type { SkeletonOutcome } from './grade-skeleton.js';

/** What was found of a lab before its release. */
export interface LabCheck {
  lab: { id: string; title: string; points: number; lines: string[] };
  seeds: number;
  runs: number;
  load: boolean;
  /** Why it is not certified: a sentence each. */
  problems: string[];
  /** What broke on our side: nothing is said of the lab then. */
  faults: string[];
  skeletons: SkeletonOutcome[];
  correct: CorrectOutcome[];
  mutants: MutantOutcome[];
  alarms: { alarms: number; runs: number; upperBound: number };
  detection: { median: number | undefined; max: number | undefined };
  interrupted: boolean;
}

export const isSound = ({ problems, faults, interrupted }: LabCheck): boolean =>
  problems.length === 0 && faults.length === 0 && !interrupted;
