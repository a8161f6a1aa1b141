import { cpSync } from 'node:fs';
import path from 'node:path';
import { startGrading } from '../explore/start-grading.js';
import type { Lab } from '../lab/load-lab.js';
import { getHeadline } from '../score/headline.js';
import type { Mutant } from './load-parts.js';

export interface MutantOutcome {
  name: string;
  /** `removed: left`. */
  expected: string;
  under: string;
  /** Gradings that were made, each with a seed of its own. */
  seeds: number;
  /** … in which the named line failed with the named code. */
  caught: number;
  /** Of each of these: runs made until the first that showed it. */
  runsToCatch: number[];
  /** `1 of order`: the run, counted in its scenario, that showed it first with the first seed that caught it. */
  first: string;
  /** What came instead, and how often. */
  otherwise: string[];
  /** Lines of the score that it was meant to lose … */
  wanted: string[];
  /** … and those that it lost with the first seed and the whole budget. */
  lost: string[];
  faults: string[];
}

export interface MutantOptions {
  lab: Lab;
  mutant: Mutant;
  seeds: number;
  /** Absolute; the mutant is put together there. */
  scratch: string;
  /** Makes all runs of the first seed, so that every line that it loses is known. Default: stops as soon as it is caught. */
  isThorough?: boolean;
  abort?: AbortSignal;
}

/** Grades a mutant with the lab's own budget, once a seed: does the line that it names catch it? */
export async function gradeMutant(options: MutantOptions): Promise<MutantOutcome> {
  const { lab, mutant, seeds, scratch, abort } = options;
  const { name, rule, code, from, under } = mutant;
  const submission = path.join(scratch, lab.id, name);
  cpSync(path.join(lab.folder, '.staff', from), submission, { recursive: true });
  cpSync(mutant.folder, submission, { recursive: true, filter: (file) => path.basename(file) !== 'mutant.yaml' });
  const wanted = lab.rules.filter((line) => line.rule === rule || line.id === rule).map(({ id }) => id);
  const isWanted = (line: string, found: string): boolean =>
    wanted.includes(line) && (code === undefined || found === code);
  const outcome: MutantOutcome = {
    name,
    expected: code === undefined ? rule : `${rule}: ${code}`,
    under,
    seeds: 0,
    caught: 0,
    runsToCatch: [],
    first: '',
    otherwise: [],
    wanted,
    lost: [],
    faults: [],
  };
  const otherwise = new Map<string, number>();
  for (let seed = 1; seed <= seeds; seed++) {
    const isWhole = seed === 1 && options.isThorough === true;
    let isFound = false;
    let runs = 0;
    const runsOf = new Map<string, number>();
    let first = '';
    let runsToCatch: number | undefined;
    const result = await startGrading({
      submission,
      lab,
      seed,
      engines: 1,
      ...(abort ? { abort } : {}),
      // One catch is enough; the other scenarios need not go on.
      ...(isWhole ? {} : { isEnough: (failed) => (isFound ||= wanted.some((line) => failed.has(line))) }),
      onRun: (scenario, { observed }) => {
        runs++;
        runsOf.set(scenario, (runsOf.get(scenario) ?? 0) + 1);
        if (runsToCatch !== undefined || !observed.some(({ line, finding }) => isWanted(line, finding.code))) return;
        runsToCatch = runs;
        first = `${runsOf.get(scenario)} of ${scenario}`;
      },
    }).result;
    if (result.interrupted) break;
    outcome.seeds++;
    outcome.faults.push(...result.faults.map(({ message }) => message));
    const lost = result.rules.filter(({ verdict }) => verdict === 'fail');
    if (isWhole) outcome.lost = lost.map(({ id }) => id);
    const isCaught = lost.some(({ id, finding }) => isWanted(id, finding!.code));
    if (isCaught) {
      outcome.caught++;
      outcome.runsToCatch.push(runsToCatch ?? runs);
      outcome.first ||= first;
    } else {
      const headline = getHeadline(result);
      const what = headline ? `${headline.rule}: ${headline.code}` : result.verdict;
      otherwise.set(what, (otherwise.get(what) ?? 0) + 1);
    }
  }
  outcome.otherwise = [...otherwise].map(([what, count]) => `${what} (${count})`);
  return outcome;
}
