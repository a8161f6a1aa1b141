import { createSchedule, type Scenario, type Schedule } from '@ipclab/harness';
import type { Strategy, Trace } from '@ipclab/native/supervisor';
import { type BoundedSearch, createBoundedSearch } from './bounded.js';
import type { Explored } from './exploration.js';
import { createHappenings, type Happening, type Happenings } from './happenings.js';
import { deriveSeed, draw } from './seed.js';

/** Preemptions that the systematic search goes up to. */
export const MAX_PREEMPTIONS = 2;

/** A schedule to run, and how it was found. */
export interface Draft {
  index: number;
  schedule: Schedule;
  happenings: Happening[];
  strategy: Explored['strategies'][number]['name'];
}

/**
 * Chooses the schedules of a scenario. The first is the default order. Then the systematic search, random orders, PCT and POS take
 * turns; where signals or faults may come, one comes to each run, at a place drawn without repetition: every other run in
 * the default order, as long as there is a place that was not tried in it.
 * Everything follows from the seed and from what was learnt before the draw, so that the same program gets the same schedules everywhere.
 */
export interface Portfolio {
  /** Undefined when every schedule has been run. */
  draw(index: number): Draft | undefined;
  /** What a drawn schedule has shown. */
  learn(draft: Draft, trace: Trace, failed: boolean): void;
  getExplored(): Explored;
  readonly happenings: Happenings;
}

// One turn each. Random orders come twice, and PCT at depth 2: most mistakes need one ill-timed switch.
const TURNS = ['bounded', 'random', 'pct(2)', 'bounded', 'pos', 'random', 'pct(3)', 'pct(2)'] as const;

export function createPortfolio(lab: string, name: string, scenario: Scenario, seed: number): Portfolio {
  const happenings = createHappenings(scenario);
  const hasHappenings = scenario.signals.length + scenario.faults.length > 0;
  const search: BoundedSearch = createBoundedSearch(MAX_PREEMPTIONS);
  const runs = new Map<string, number>();
  const distinct = new Set<string>();
  let choices = 0;
  let processes = 0;

  const seedOf = (index: number, ...what: string[]): number => deriveSeed(lab, name, seed, index, ...what);
  const createDraft = (index: number, strategy: string, change: Partial<Schedule>, come: Happening[] = []): Draft => {
    runs.set(strategy, (runs.get(strategy) ?? 0) + 1);
    const order = change.strategy ? 'drawn' : 'default';
    for (const happening of come) happenings.draw(happening, order);
    return {
      index,
      strategy,
      happenings: come,
      schedule: createSchedule({
        ...change,
        injections: come.flatMap((each) => (each.kind === 'signal' ? [each.injection] : [])),
        faults: come.flatMap((each) => (each.kind === 'fault' ? [each.fault] : [])),
      }),
    };
  };
  const drawBounded = (index: number): Draft | undefined => {
    const deviations = search.next();
    return deviations && createDraft(index, 'bounded', { deviations, recordPoints: true });
  };
  const drawStrategy = (index: number): [string, Strategy] => {
    // The systematic search is without signals: with them, its turns are random.
    const turn = TURNS[index % TURNS.length]!;
    const own = seedOf(index);
    if (turn === 'pos') return [turn, { kind: 'pos', seed: own }];
    if (turn === 'random' || turn === 'bounded') return ['random', { kind: 'random', seed: own }];
    return [turn, { kind: 'pct', seed: own, depth: turn === 'pct(2)' ? 2 : 3, choices: Math.max(1, choices) }];
  };
  const drawPlace = (candidates: Happening[], index: number, what: string): Happening | undefined =>
    draw(candidates, seedOf(index, what));

  return {
    happenings,
    draw(index) {
      if (index === 0) return drawBounded(0);
      if (!hasHappenings) {
        if (TURNS[index % TURNS.length] === 'bounded') {
          const draft = drawBounded(index);
          if (draft) return draft;
        }
        if (search.isComplete(Infinity)) return undefined;
        const [strategyName, strategy] = drawStrategy(index);
        return createDraft(index, strategyName, { strategy });
      }
      // In the default order a place is tried once: there, the same place gives the same run.
      const once = index % 2 === 1 ? drawPlace(happenings.getFresh('default'), index, 'place') : undefined;
      if (once) return createDraft(index, 'default', {}, [once]);
      const [strategyName, strategy] = drawStrategy(index);
      const place =
        drawPlace(happenings.getFresh('drawn'), index, 'place') ?? drawPlace(happenings.getAll(), index, 'place');
      const second =
        scenario.signalsPerRun === 2 && index % 4 === 0 ? drawPlace(happenings.getAll(), index, 'second') : undefined;
      return createDraft(
        index,
        strategyName,
        { strategy },
        [place, second].filter((each) => each !== undefined),
      );
    },
    learn({ schedule, happenings: come }, trace, failed) {
      happenings.learn(trace);
      choices = Math.max(choices, trace.choices);
      processes = Math.max(processes, trace.processes.length);
      distinct.add(JSON.stringify([trace.deviations, schedule.injections, schedule.faults]));
      if (schedule.recordPoints) search.learn(schedule.deviations, trace);
      // Of two it would not be known which one it was that something went wrong for.
      if (come.length !== 1) return;
      const [outcome] = come[0]!.kind === 'signal' ? trace.injections : trace.faults;
      happenings.record(come[0]!, outcome?.status === 'landed', failed);
    },
    getExplored: () => ({
      strategies: [...runs].map(([strategy, count]) => ({ name: strategy, runs: count })),
      distinct: distinct.size,
      processes,
      choices,
      isComplete: !hasHappenings && search.isComplete(Infinity),
      ...(hasHappenings ? {} : { preemptions: countCompletePreemptions(search) }),
    }),
  };
}

/** With at most that many preemptions, all schedules have been run; -1 if not even all without any. */
function countCompletePreemptions(search: BoundedSearch): number {
  let complete = -1;
  while (complete < MAX_PREEMPTIONS && search.isComplete(complete + 1)) complete++;
  return complete;
}
