import { createSchedule, DEFAULT_SCHEDULE, formatToken, type Scenario, type Schedule } from '@ipclab/harness';
import type { Injection, RunEndCause, Trace } from '@ipclab/native/supervisor';
import { confirmFailures } from './confirm-failures.js';
import { countChoices, type Exploration, type ExploredRun, type Observed, type OutcomeGroup } from './exploration.js';
import { createPlaces } from './places.js';
import { deriveSeed, draw } from './seed.js';

export interface ExploreOptions<F extends { code: string }> {
  /** Id of the lab; goes into the seeds. */
  lab: string;
  name: string;
  scenario: Scenario;
  seed: number;
  /** Ids of the lines of the score that check this scenario. */
  lines: readonly string[];
  /** Throws a Fault. */
  runOnce: (schedule: Schedule) => Promise<Trace>;
  check: (trace: Trace) => Observed<F>[];
  /** May the rest of the budget be saved, when these lines have failed? Default: when all have. */
  isEnough?: (failed: ReadonlySet<string>) => boolean;
  onRun?: (run: ExploredRun<F>) => void;
  abort?: AbortSignal;
}

// Runs that end like this take seconds each, and others of the same program would too.
const SLOW_ENDS = new Set<RunEndCause>(['wall-limit', 'cpu-limit', 'memory-limit', 'output-limit', 'step-limit']);
const MAX_SLOW_RUNS = 2;

/**
 * Looks for runs of one scenario in which a rule does not hold. The first run is the default order; then random schedules;
 * where the scenario has signals, one in each run, at a place drawn without repetition: every other run in the default order, as
 * long as there is a place that was not tried in it, the others in random orders.
 * Everything is drawn from the seed, so that a program gives the same runs everywhere. Never throws for what a run does.
 */
export async function exploreScenario<F extends { code: string }>(options: ExploreOptions<F>): Promise<Exploration<F>> {
  const { lab, name, scenario, seed, lines, runOnce, check, onRun, abort } = options;
  const isEnough = options.isEnough ?? ((failed) => lines.every((line) => failed.has(line)));
  const places = createPlaces(scenario.signals);
  const groups = new Map<string, OutcomeGroup<F>>();
  const failed = new Set<string>();
  const result: Exploration<F> = {
    scenario: name,
    runs: 0,
    budget: scenario.schedules,
    groups: [],
    failures: [],
    doubts: [],
    interrupted: false,
  };

  const drawSchedule = (index: number): Schedule => {
    if (index === 0) return DEFAULT_SCHEDULE;
    const random: Schedule['strategy'] = { kind: 'random', seed: deriveSeed(lab, name, seed, index) };
    if (scenario.signals.length === 0) return createSchedule({ strategy: random });
    const drawPlace = (candidates: Injection[]) => draw(candidates, deriveSeed(lab, name, seed, index, 'place'));
    // In the default order a place is tried once: there, the same place gives the same run.
    const once = index % 2 === 1 ? drawPlace(places.getFresh('default')) : undefined;
    if (once) return createSchedule({ injections: [once] });
    const place = drawPlace(places.getFresh('random')) ?? drawPlace(places.getAll());
    return createSchedule({ strategy: random, injections: place ? [place] : [] });
  };

  let slowRuns = 0;
  for (let index = 0; index < scenario.schedules; index++) {
    if (abort?.aborted) break;
    const schedule = drawSchedule(index);
    let run: ExploredRun<F>;
    try {
      const trace = await runOnce(schedule);
      run = createRun(name, index, schedule, trace, check(trace));
    } catch (error) {
      // Ctrl-C reaches the engine too; that it is gone then is no fault.
      if (!(await isAborted(abort))) result.fault = { error: error as Error, token: formatToken(name, schedule) };
      break;
    }
    result.runs++;
    places.learn(run.trace);
    for (const [at, injection] of schedule.injections.entries())
      places.record(injection, schedule.strategy.kind, run.trace.injections[at]?.status === 'landed');
    addToGroup(groups, run);
    for (const { line } of run.observed) failed.add(line);
    onRun?.(run);

    if (isEnough(failed)) break;
    if (SLOW_ENDS.has(run.trace.end.cause) && (index === 0 || ++slowRuns === MAX_SLOW_RUNS)) break;
    // Nothing to choose and nothing to inject: every other run would be the same.
    if (index === 0 && run.trace.choices === 0 && scenario.signals.length === 0) break;
  }

  result.groups = [...groups.values()].toSorted(
    (a, b) => Number(a.simplest.observed.length > 0) - Number(b.simplest.observed.length > 0) || b.runs - a.runs,
  );
  if (scenario.signals.length > 0) result.placements = places.count();
  await confirmFailures(result, { runOnce, check, ...(abort ? { abort } : {}) });
  result.interrupted = await isAborted(abort);
  return result;
}

function createRun<F extends { code: string }>(
  name: string,
  index: number,
  schedule: Schedule,
  trace: Trace,
  observed: Observed<F>[],
): ExploredRun<F> {
  // What never came about is no part of what replays the run.
  const injections: Injection[] = schedule.injections.filter(
    (_, at) => !['not-reached', 'process-gone'].includes(trace.injections[at]?.status ?? 'landed'),
  );
  const replay = createSchedule({ deviations: trace.deviations, injections });
  return { index, schedule: replay, token: formatToken(name, replay), trace, observed };
}

function addToGroup<F extends { code: string }>(groups: Map<string, OutcomeGroup<F>>, run: ExploredRun<F>): void {
  const key = [...new Set(run.observed.map(({ line, finding }) => `${line} ${finding.code}`))].toSorted().join('\n');
  const group = groups.get(key);
  if (!group) groups.set(key, { runs: 1, simplest: run });
  else {
    group.runs++;
    if (countChoices(run) < countChoices(group.simplest)) group.simplest = run;
  }
}

async function isAborted(abort: AbortSignal | undefined): Promise<boolean> {
  // Lets a signal that has arrived reach its handler.
  await new Promise((resolve) => setImmediate(resolve));
  return abort?.aborted ?? false;
}
