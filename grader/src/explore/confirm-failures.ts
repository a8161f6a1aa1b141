import { formatToken, getProcessNames, type Scenario } from '@ipclab/harness';
import {
  compareSimplicity,
  countChoices,
  type Exploration,
  type ExploredRun,
  type Explanation,
  type Observed,
  type Found,
} from './exploration.js';
import { createRun, MAX_LISTED } from './create-run.js';
import { explainFailure } from './explain-failure.js';
import type { ExploreOptions } from './explore-scenario.js';
import { shrinkSchedule } from './shrink-schedule.js';
import { countAffordable, isSlow } from './slow-runs.js';
import { findFirstDifference } from './first-difference.js';

type Confirm<F extends Found> = Pick<ExploreOptions<F>, 'runOnce' | 'check' | 'abort' | 'scenario' | 'explains'>;

const REPETITIONS = 2;
/** Runs to make one failing run simpler, and for all of a scenario together. */
const MAX_SHRINKING = 60;
const MAX_SHRINKING_TOGETHER = 240;
/** Of those for one run: to have what it needs come earlier, which is half of all work if it is not bounded. */
const MAX_MOVES = 12;

/**
 * Makes the simplest failing runs simpler still and replays them twice each, until every line that failed has one that fails again
 * in the same way. What does not is a doubt, with the first event that differs; never tried again in silence.
 * @param firsts The simplest run of each line that failed.
 */
export async function confirmFailures<F extends Found>(
  exploration: Exploration<F>,
  firsts: ReadonlyMap<string, ExploredRun<F>>,
  { runOnce, check, abort, scenario, explains = true }: Confirm<F>,
): Promise<void> {
  const { scenario: name } = exploration;
  const decided = new Set<string>();
  const optional = getProcessNames(scenario.start).filter((_, index) => isOptional(scenario, index));
  let budget = explains ? MAX_SHRINKING_TOGETHER : 0;

  const shrink = async (
    run: ExploredRun<F>,
    fails: (again: readonly Observed<F>[]) => boolean,
    maxMoves: number,
  ): Promise<ExploredRun<F>> => {
    if (abort?.aborted || budget <= 0 || isSimplest(run, optional)) return run;
    // What goes on to a limit seldom does so with less, and comes near it each time.
    const most = isSlow(run.trace) ? countAffordable(run.trace, MAX_SHRINKING) : MAX_SHRINKING;
    const shrunk = await shrinkSchedule({
      schedule: { ...run.schedule, deviations: run.trace.deviations },
      optional,
      run: runOnce,
      fails: (again) => fails(check(again)),
      maxRuns: Math.min(most, budget),
      maxMoves: countAffordable(run.trace, maxMoves),
      ...(abort ? { abort } : {}),
    });
    // Where not even the run itself fails again, its repetition will say so.
    if (!shrunk) return run;
    budget -= shrunk.runs;
    const simpler = createRun(name, run.index, shrunk.schedule, shrunk.trace, check(shrunk.trace));
    // A short token is simpler than a long list that is somewhat shorter.
    return run.schedule.strategy.kind !== 'default' && simpler.trace.deviations.length > MAX_LISTED ? run : simpler;
  };
  /** Asked for by one line or by several, it is looked for once. */
  const createExplain = (run: ExploredRun<F>, line: string): (() => Promise<Explanation<F>>) | undefined => {
    if (!explains) return undefined;
    const { finding } = run.observed.find((observed) => observed.line === line)!;
    let explanation: Promise<Explanation<F>> | undefined;
    return async () => {
      explanation ??= explainFailure(run, Math.max(...finding.events), {
        runOnce,
        check,
        ...(abort ? { abort } : {}),
      });
      return await explanation;
    };
  };

  for (const [line, first] of [...firsts].toSorted(([, a], [, b]) => compareSimplicity(a, b))) {
    if (decided.has(line)) continue;
    let run = first;
    let repeated: Repetition = { interrupted: true };
    try {
      run = await shrink(first, (again) => codesOf(again, line) === codesOf(first.observed, line), MAX_MOVES);
      if (!abort?.aborted) repeated = await repeat(run, { runOnce, check });
      if (!repeated.interrupted && !repeated.lost.has(line)) {
        const explain = createExplain(run, line);
        for (const each of linesOf(run.observed)) {
          if (decided.has(each) || repeated.lost.has(each)) continue;
          decided.add(each);
          const { finding } = run.observed.find((observed) => observed.line === each)!;
          exploration.failures.push({
            line: each,
            finding,
            run,
            token: formatToken(name, run.schedule, each),
            ...(explain ? { explain } : {}),
          });
        }
      }
    } catch (error) {
      if (!abort?.aborted) exploration.fault ??= { error: error as Error, token: run.token };
    }
    for (const group of exploration.groups) {
      if (!isSameOutcome(group.simplest, run)) continue;
      if (compareSimplicity(run, group.simplest) < 0) group.simplest = run;
      if (!repeated.interrupted) group.reproduced = repeated.lost.size === 0;
    }
    if (!decided.has(line))
      exploration.doubts.push({
        line,
        token: run.token,
        reason: repeated.interrupted
          ? 'A run failed, but the grading ended before it was repeated.'
          : 'A run failed, but the same schedule gave something else when it was repeated.',
        ...(!repeated.interrupted && repeated.differs ? { differs: repeated.differs } : {}),
      });
  }
  exploration.doubts = exploration.doubts.filter(({ line }) => !decided.has(line));

  // What goes wrong in other ways is told by its simplest run too.
  try {
    for (const group of exploration.groups) {
      if (group.simplest.observed.length === 0 || group.reproduced !== undefined) continue;
      const [first] = group.simplest.observed;
      const isSame = ([again]: readonly Observed<F>[]): boolean => again !== undefined && isSameFinding(again, first!);
      group.simplest = await shrink(group.simplest, isSame, 0);
    }
  } catch (error) {
    if (!abort?.aborted) exploration.fault ??= { error: error as Error, token: name };
  }
}

/** Is there nothing to leave out? */
const isSimplest = (run: ExploredRun<Found>, optional: readonly string[]): boolean =>
  countChoices(run) === 0 && optional.every((name) => run.schedule.absent.includes(name));

const linesOf = (observed: readonly Observed[]): string[] => [...new Set(observed.map(({ line }) => line))];

const isSameFinding = (one: Observed, other: Observed): boolean =>
  one.line === other.line && one.finding.code === other.finding.code;

const isSameOutcome = (one: ExploredRun<Found>, other: ExploredRun<Found>): boolean =>
  one.observed.length > 0 && other.observed.length > 0 && isSameFinding(one.observed[0]!, other.observed[0]!);

function isOptional({ start }: Scenario, process: number): boolean {
  return start.flatMap(({ count, optional }) => Array.from({ length: count }, () => optional))[process] ?? false;
}

type Repetition =
  | { interrupted: true }
  | {
      interrupted: false;
      /** Lines whose findings were not the same each time. */
      lost: Set<string>;
      differs?: NonNullable<ReturnType<typeof findFirstDifference>>;
    };

async function repeat<F extends Found>(
  run: ExploredRun<F>,
  { runOnce, check }: Pick<Confirm<F>, 'runOnce' | 'check'>,
): Promise<Repetition> {
  const lost = new Set<string>();
  let differs: ReturnType<typeof findFirstDifference>;
  for (let count = 0; count < REPETITIONS; count++) {
    const trace = await runOnce(run.schedule);
    const again = check(trace);
    for (const line of new Set([...run.observed, ...again].map((observed) => observed.line)))
      if (codesOf(run.observed, line) !== codesOf(again, line)) lost.add(line);
    differs ??= findFirstDifference(run.trace, trace);
  }
  return { interrupted: false, lost, ...(differs ? { differs } : {}) };
}

function codesOf(observed: readonly Observed[], line: string): string {
  return observed
    .filter((one) => one.line === line)
    .map(({ finding }) => finding.code)
    .toSorted()
    .join();
}
