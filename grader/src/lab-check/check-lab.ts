import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { createTemporaryFolder, removeTemporaryFolder } from '@ipclab/harness';
import pLimit from 'p-limit';
import type { Lab } from '../lab/load-lab.js';
import { getRules } from '../lab/find-rule.js';
import { plural } from '../report/text.js';
import { checkHandout } from './check-handout.js';
import { getMedian, getUpperBound } from './confidence.js';
import { type CorrectOutcome, gradeCorrect } from './grade-correct.js';
import { gradeMutant, type MutantOutcome } from './grade-mutant.js';
import { gradeSkeleton, type SkeletonOutcome } from './grade-skeleton.js';
import { keepBusy } from './keep-busy.js';
import type { LabCheck } from './lab-check.js';
import { loadParts } from './load-parts.js';
import { checkSessions } from './check-sessions.js';

export interface LabCheckOptions {
  seeds: number;
  /** Of each correct program, at least so many over all seeds. */
  runs: number;
  /** Keeps every core busy meanwhile. */
  load?: boolean;
  abort?: AbortSignal;
  /** Called as each program is done. */
  onDone?: (name: string, done: number, total: number) => void;
}

/** Grades all that there is to a lab, many times: does it say of each what its author says? */
export async function checkLab(lab: Lab, options: LabCheckOptions): Promise<LabCheck> {
  const { seeds, runs, load = false, abort } = options;
  const { skeletons, correct, mutants, problems } = loadParts(lab.folder);
  const stated = skeletons.flatMap(({ reason, ...program }) => (reason ? [{ ...program, reason }] : []));
  const scratch = createTemporaryFolder('check');
  const total = 1 + stated.length + correct.length + mutants.length;
  let done = 0;
  const limit = pLimit(availableParallelism());
  const inTurn = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const outcome = await limit(work);
    options.onDone?.(name, ++done, total);
    return outcome;
  };
  const rest = load ? keepBusy() : undefined;
  const signal = abort ? { abort } : {};
  try {
    const [tried, failing, passing, caught] = await Promise.all([
      inTurn('the handout', async () => checkSessions(lab, correct, { scratch, ...signal })),
      Promise.all(
        stated.map(async (program) =>
          inTurn(`skeleton ${program.name}`, async () => gradeSkeleton(lab, program, abort)),
        ),
      ),
      Promise.all(
        correct.map(async (program) =>
          inTurn(program.name, async () => gradeCorrect({ lab, program, seeds, runs, ...signal })),
        ),
      ),
      Promise.all(
        mutants.map(async (mutant) =>
          inTurn(`mutant ${mutant.name}`, async () =>
            gradeMutant({ lab, mutant, seeds, scratch, isThorough: true, ...signal }),
          ),
        ),
      ),
    ]);
    const sum = (field: 'alarms' | 'runs'): number => passing.reduce((all, outcome) => all + outcome[field], 0);
    const times = caught.flatMap(({ runsToCatch }) => runsToCatch);
    const outcomes = [tried, ...failing, ...passing, ...caught];
    return {
      lab: {
        id: lab.id,
        title: lab.title,
        points: lab.rules.reduce((all, { points }) => all + points, 0),
        lines: lab.rules.map(({ id }) => id),
      },
      seeds,
      runs,
      load,
      problems: [
        ...problems,
        ...checkText(lab),
        ...tried.problems,
        ...failing.flatMap(judgeSkeleton),
        ...passing.flatMap(judgeCorrect),
        ...caught.flatMap(judgeMutant),
      ],
      faults: [...new Set(outcomes.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`)))],
      skeletons: failing,
      correct: passing,
      mutants: caught,
      alarms: { alarms: sum('alarms'), runs: sum('runs'), upperBound: getUpperBound(sum('alarms'), sum('runs')) },
      detection: { median: getMedian(times), max: times.length === 0 ? undefined : Math.max(...times) },
      interrupted: abort?.aborted ?? false,
    };
  } finally {
    await rest?.();
    removeTemporaryFolder(scratch);
  }
}

/** What can be told without running anything. */
function checkText(lab: Lab): string[] {
  const problems: string[] = [];
  const unused = Object.keys(lab.scenarios).filter(
    (name) => !lab.rules.some(({ scenarios }) => scenarios.includes(name)),
  );
  for (const name of unused) problems.push(`lab.yaml: no rule checks scenario ${name}`);
  if (lab.rules.every(({ points }) => points === 0)) problems.push('lab.yaml: there are no points to earn');
  const file = path.join(lab.folder, 'README.md');
  if (!existsSync(file)) return [...problems, 'README.md: there is no handout'];
  return [
    ...problems,
    ...checkHandout(readFileSync(file, 'utf8'), {
      scenarios: Object.keys(lab.scenarios),
      lines: lab.rules,
      rules: getRules(lab).map(({ name }) => name),
      // A role's entry is the student's to make; the skeleton may lack it.
      hasFile: (each) =>
        existsSync(path.join(lab.folder, each)) ||
        Object.values(lab.roles).some((role) => Object.values(role).includes(each.replace(/^\.\//, ''))),
    }),
  ];
}

const judgeSkeleton = ({ name, expected, hasFailed, what, faults, interrupted }: SkeletonOutcome): string[] =>
  hasFailed || faults.length > 0 || interrupted
    ? []
    : [`skeleton ${name}: expected to fail by ${expected}, got ${what}`];

function judgeCorrect(outcome: CorrectOutcome): string[] {
  const { name, seeds, passed, runs, alarms, inconclusive, untested, faults, what } = outcome;
  if (faults.length > 0) return [];
  if (passed === seeds && alarms === 0)
    return seeds === 0 ? [] : untested.map((line) => `${name}: no run of ${runs} put ${line} to the test`);
  const told = alarms > 0 ? `${alarms} false alarms in ${runs} runs` : `${inconclusive} lines could not be told`;
  return [`${name}: expected to pass on ${plural(seeds, 'seed')}, passed on ${passed}: ${what || told}`];
}

function judgeMutant({ name, expected, seeds, caught, wanted, otherwise, faults }: MutantOutcome): string[] {
  if (wanted.length === 0) return [`mutant ${name}: no line of the score is or uses ${expected.replace(/: .*/, '')}`];
  if (faults.length > 0 || caught === seeds) return [];
  return [
    `mutant ${name}: expected ${expected} on ${plural(seeds, 'seed')}, caught on ${caught}; otherwise ${otherwise.join(', ')}`,
  ];
}
