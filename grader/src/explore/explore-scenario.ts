import { formatToken, type Scenario, type Schedule } from '@ipclab/harness';
import type { Trace } from '@ipclab/native/supervisor';
import { confirmFailures } from './confirm-failures.js';
import { createRun } from './create-run.js';
import {
  compareSimplicity,
  createExploration,
  type Exploration,
  type ExploredRun,
  type Observed,
  type OutcomeGroup,
  type Found,
} from './exploration.js';
import { createPortfolio, type Draft } from './portfolio.js';
import { isSlow, MAX_SLOW_RUNS } from './slow-runs.js';

export interface ExploreOptions<F extends Found> {
  /** Id of the lab; goes into the seeds. */
  lab: string;
  name: string;
  scenario: Scenario;
  seed: number;
  /** Ids of the lines of the score that check this scenario. */
  lines: readonly string[];
  /** Throws a Fault. May be called again before it has answered. */
  runOnce: (schedule: Schedule) => Promise<Trace>;
  check: (trace: Trace) => Observed<F>[];
  /** Lines that a trace puts to the test, and none before it did. */
  listTested: (trace: Trace) => string[];
  /** May the rest of the budget be saved, when these lines have failed? Default: when all have. */
  isEnough?: (failed: ReadonlySet<string>) => boolean;
  /** Are failures made simpler, and can it be asked what they turn on, once they are certain? Default true. */
  explains?: boolean;
  onRun?: (run: ExploredRun<F>) => void;
  abort?: AbortSignal;
  /** Is the time over that there was for it? Asked between rounds of runs, never before the first. */
  isTimeUp?: () => boolean;
}

// Runs that are drawn together, from what was learnt before them: so the same are drawn whatever number of engines makes them.
const ROUNDS = [1, 2, 4, 8];

/**
 * Looks for runs of one scenario in which a rule does not hold: the first in the default order, the others as the portfolio draws
 * them. Then makes those that failed simpler, and repeats them. Never throws for what a run does.
 */
export async function exploreScenario<F extends Found>(options: ExploreOptions<F>): Promise<Exploration<F>> {
  const { lab, name, scenario, seed, lines, runOnce, check, listTested, onRun, abort } = options;
  const isEnough = options.isEnough ?? ((failed) => lines.every((line) => failed.has(line)));
  const portfolio = createPortfolio(lab, name, scenario, seed);
  const groups = new Map<string, OutcomeGroup<F>>();
  const firsts = new Map<string, ExploredRun<F>>();
  const result = createExploration<F>(name, scenario.schedules);

  const tryOnce = async ({ schedule }: Draft): Promise<Trace | Error> => {
    try {
      return await runOnce(schedule);
    } catch (error) {
      return error as Error;
    }
  };
  let slowRuns = 0;
  /** Takes a run into account; is there need for more? */
  const learn = (draft: Draft, trace: Trace): boolean => {
    const run = createRun(name, draft.index, draft.schedule, trace, check(trace));
    result.runs++;
    result.tested.push(...listTested(trace));
    portfolio.learn(draft, trace, run.observed.length > 0);
    addToGroup(groups, run);
    for (const { line } of run.observed) {
      const before = firsts.get(line);
      if (!before || compareSimplicity(run, before) < 0) firsts.set(line, run);
    }
    onRun?.(run);
    if (isEnough(new Set(firsts.keys()))) return false;
    if (isSlow(trace) && (draft.index === 0 || ++slowRuns === MAX_SLOW_RUNS)) return false;
    return true;
  };

  let goesOn = true;
  for (let round = 0, index = 0; goesOn && index < scenario.schedules; round++) {
    if (abort?.aborted) break;
    if (options.isTimeUp?.() && index > 0) {
      result.outOfTime = true;
      break;
    }
    const size = Math.min(ROUNDS[round] ?? ROUNDS.at(-1)!, scenario.schedules - index);
    const drafts = Array.from({ length: size }, (_, at) => portfolio.draw(index + at)).filter(
      (each) => each !== undefined,
    );
    if (drafts.length === 0) break;
    index += size;
    const traces = drafts.map(tryOnce);
    for (const [at, draft] of drafts.entries()) {
      const trace = await traces[at]!;
      if (!goesOn) continue;
      if (trace instanceof Error) {
        // Ctrl-C reaches the engine too; that it is gone then is no fault.
        if (!(await isAborted(abort))) result.fault = { error: trace, token: formatToken(name, draft.schedule) };
        goesOn = false;
      } else goesOn = learn(draft, trace);
    }
  }

  result.groups = [...groups.values()].toSorted(
    (a, b) => Number(a.simplest.observed.length > 0) - Number(b.simplest.observed.length > 0) || b.runs - a.runs,
  );
  result.explored = portfolio.getExplored();
  const { happenings } = portfolio;
  if (happenings.count().known > 0) result.placements = { ...happenings.count(), matrix: happenings.getMatrix() };
  const { explains = true } = options;
  await confirmFailures(result, firsts, { runOnce, check, scenario, explains, ...(abort ? { abort } : {}) });
  result.interrupted = await isAborted(abort);
  return result;
}

function addToGroup<F extends Found>(groups: Map<string, OutcomeGroup<F>>, run: ExploredRun<F>): void {
  const [first] = run.observed;
  const key = first ? `${first.line} ${first.finding.code}` : '';
  const group = groups.get(key);
  if (!group) groups.set(key, { runs: 1, simplest: run });
  else {
    group.runs++;
    if (compareSimplicity(run, group.simplest) < 0) group.simplest = run;
  }
}

async function isAborted(abort: AbortSignal | undefined): Promise<boolean> {
  // Lets a signal that has arrived reach its handler.
  await new Promise((resolve) => setImmediate(resolve));
  return abort?.aborted ?? false;
}
