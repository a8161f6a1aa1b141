import { countChoices, type Exploration, type ExploredRun, type Observed, type OutcomeGroup } from './exploration.js';
import type { ExploreOptions } from './explore-scenario.js';
import { findFirstDifference } from './first-difference.js';

type Confirm<F extends { code: string }> = Pick<ExploreOptions<F>, 'runOnce' | 'check' | 'abort'>;

const REPETITIONS = 2;

/**
 * Replays the simplest failing runs twice each, until every line that failed has one that fails again in the same way. What
 * does not is a doubt, with the first event that differs; never tried again in silence.
 */
export async function confirmFailures<F extends { code: string }>(
  exploration: Exploration<F>,
  { runOnce, check, abort }: Confirm<F>,
): Promise<void> {
  const decided = new Set<string>();
  const doubts = new Map<string, Exploration<F>['doubts'][number]>();
  for (const group of sortBySimplicity(exploration.groups)) {
    const run = group.simplest;
    const open = [...new Set(run.observed.map(({ line }) => line))].filter((line) => !decided.has(line));
    if (open.length === 0) continue;
    let repeated: Repetition = { interrupted: true };
    try {
      if (!abort?.aborted) repeated = await repeat(run, { runOnce, check });
    } catch (error) {
      if (!abort?.aborted) exploration.fault ??= { error: error as Error, token: run.token };
    }
    if (!repeated.interrupted) group.reproduced = repeated.lost.size === 0;
    for (const line of open) {
      if (!repeated.interrupted && !repeated.lost.has(line)) {
        decided.add(line);
        const { finding } = run.observed.find((observed) => observed.line === line)!;
        exploration.failures.push({ line, finding, run });
      } else if (!doubts.has(line))
        doubts.set(line, {
          line,
          token: run.token,
          reason: repeated.interrupted
            ? 'A run failed, but the grading ended before it was repeated.'
            : 'A run failed, but the same schedule gave something else when it was repeated.',
          ...(!repeated.interrupted && repeated.differs ? { differs: repeated.differs } : {}),
        });
    }
  }
  exploration.doubts = [...doubts.values()].filter(({ line }) => !decided.has(line));
}

type Repetition =
  | { interrupted: true }
  | {
      interrupted: false;
      /** Lines whose findings were not the same each time. */
      lost: Set<string>;
      differs?: NonNullable<ReturnType<typeof findFirstDifference>>;
    };

async function repeat<F extends { code: string }>(
  run: ExploredRun<F>,
  { runOnce, check }: Confirm<F>,
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

function sortBySimplicity<F extends { code: string }>(groups: readonly OutcomeGroup<F>[]): OutcomeGroup<F>[] {
  return groups.toSorted(
    (a, b) => countChoices(a.simplest) - countChoices(b.simplest) || a.simplest.index - b.simplest.index,
  );
}
