import { cpSync } from 'node:fs';
import path from 'node:path';
import { prepareSubmission } from '../explore/prepare-submission.js';
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
  /** … in which the named line failed, and the named code was found. */
  caught: number;
  /** Of each of these: runs of the scenario that showed it, until it did. */
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
  const prepared = await prepareSubmission(submission, lab, 1);
  /** The scenario that showed it to the seed before. */
  let likely: string | undefined;

  const grade = async (seed: number, isWhole: boolean, scenarios?: readonly string[]) => {
    const runsOf = new Map<string, number>();
    let shown: { scenario: string; runs: number } | undefined;
    const result = await startGrading({
      submission,
      prepared,
      lab,
      seed,
      engines: 1,
      explains: false,
      ...(scenarios ? { scenarios } : {}),
      ...(abort ? { abort } : {}),
      // One catch is enough; the other scenarios need not go on.
      ...(isWhole ? {} : { isEnough: () => shown !== undefined }),
      onRun: (scenario, { observed }) => {
        const runs = (runsOf.get(scenario) ?? 0) + 1;
        runsOf.set(scenario, runs);
        if (observed.some(({ line, finding }) => isWanted(line, finding.code))) shown ??= { scenario, runs };
      },
    }).result;
    const lost = result.rules.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
    // A line tells of its simplest failure; the one that is meant may be another.
    return { result, lost, caught: lost.some((id) => wanted.includes(id)) ? shown : undefined };
  };

  try {
    for (let seed = 1; seed <= seeds; seed++) {
      const isWhole = seed === 1 && options.isThorough === true;
      let graded = await grade(seed, isWhole, likely === undefined ? undefined : [likely]);
      if (likely !== undefined && !graded.caught) graded = await grade(seed, isWhole);
      const { result, lost, caught } = graded;
      if (result.interrupted) break;
      outcome.seeds++;
      outcome.faults.push(...result.faults.map(({ message }) => message));
      if (isWhole) outcome.lost = lost;
      if (caught) {
        likely = caught.scenario;
        outcome.caught++;
        outcome.runsToCatch.push(caught.runs);
        outcome.first ||= `${caught.runs} of ${caught.scenario}`;
      } else {
        const headline = getHeadline(result);
        const what = headline ? `${headline.rule}: ${headline.code}` : result.verdict;
        otherwise.set(what, (otherwise.get(what) ?? 0) + 1);
      }
    }
  } finally {
    await prepared.close();
  }
  outcome.otherwise = [...otherwise].map(([what, count]) => `${what} (${count})`);
  return outcome;
}
