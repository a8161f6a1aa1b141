import { createSchedule, type Schedule } from '@ipclab/harness';
import type { CallFault, Deviation, Injection, InjectionOutcome, Trace } from '@ipclab/native/supervisor';
import { minimize } from './minimize.js';
import { isSlow, MAX_SLOW_RUNS } from './slow-runs.js';

export interface ShrinkOptions {
  /** Fails; in the default order, but for what it says. */
  schedule: Schedule;
  /** Names of processes that may be absent, in the order of their start. */
  optional: readonly string[];
  run: (schedule: Schedule) => Promise<Trace>;
  fails: (trace: Trace) => boolean;
  maxRuns: number;
  /** Of these, to have what is left come earlier. */
  maxMoves: number;
  abort?: AbortSignal;
}

export interface ShrunkSchedule {
  schedule: Schedule;
  /** Of a run of exactly this schedule; it fails. */
  trace: Trace;
  /** Made in all. */
  runs: number;
  /** Was there time to see that nothing single can be left out, nor come earlier? */
  isMinimal: boolean;
}

/**
 * The simplest schedule found from one that fails, which still fails: without the processes, deviations, signals and faults that
 * are not needed, and what is left at the earliest calls. The same runs give the same schedule. Undefined if the schedule did
 * not fail when it was run first. Throws what `run` throws.
 */
export async function shrinkSchedule(options: ShrinkOptions): Promise<ShrunkSchedule | undefined> {
  const { optional, run, fails, maxRuns, maxMoves, abort } = options;
  /** Schedules that were run, as keys. One that failed has become `best`, and is never asked for again. */
  const tried = new Set<string>();
  let best: Pick<ShrunkSchedule, 'schedule' | 'trace'> | undefined;
  let runs = 0;
  let slowRuns = 0;
  let moves = 0;
  let isCut = false;

  /** Does it fail? Then it is the best: callers ask only for what is simpler. After the budget, nothing does. */
  const attempt = async (schedule: Schedule): Promise<boolean> => {
    const key = renderKey(schedule);
    if (tried.has(key)) return false;
    if (runs >= maxRuns || abort?.aborted) isCut = true;
    if (isCut) return false;
    tried.add(key);
    runs++;
    let trace: Trace;
    try {
      trace = await run(schedule);
    } catch (error) {
      // Ctrl-C reaches the engine too, maybe before it reaches us.
      await new Promise((resolve) => setImmediate(resolve));
      if (!abort?.aborted) throw error;
      isCut = true;
      return false;
    }
    if (isSlow(trace) && ++slowRuns === MAX_SLOW_RUNS) isCut = true;
    if (!fails(trace)) return false;
    best = { schedule, trace };
    // Part of what was asked may have come to nothing, and is run without: what is answered has failed as it is.
    const real = keepWhatCameAbout(schedule, trace);
    if (listChanges(real).length < listChanges(schedule).length) await attempt(real);
    return true;
  };

  const leaveOutProcesses = async (): Promise<void> => {
    for (const process of optional.toReversed())
      if (!best!.schedule.absent.includes(process)) await attempt(leaveOutProcess(best!.schedule, process));
  };
  const leaveOutChanges = async (): Promise<void> => {
    if (best!.schedule.deviations.length > 0) await attempt({ ...best!.schedule, deviations: [] });
    await minimize(listChanges(best!.schedule), async (changes) =>
      (await attempt(withChanges(best!.schedule, changes))) ? listChanges(best!.schedule) : undefined,
    );
  };
  const leaveOutOthers = async (): Promise<void> => {
    const { injections } = best!.schedule;
    for (const [place, { also, ...alone }] of injections.entries())
      if (also) await attempt({ ...best!.schedule, injections: injections.with(place, alone) });
  };
  /** Has one change come earlier? */
  const moveEarlier = async (): Promise<boolean> => {
    const changes = listChanges(best!.schedule);
    for (const [place, change] of changes.entries())
      for (let call = 1; call < change.call; call++) {
        const earlier = withChanges(best!.schedule, changes.with(place, { ...change, call }));
        if (tried.has(renderKey(earlier))) continue;
        if (moves++ >= maxMoves) isCut = true;
        if (isCut) return false;
        if (await attempt(earlier)) return true;
      }
    return false;
  };

  if (!(await attempt(createSchedule({ ...options.schedule, strategy: { kind: 'default' } })))) return undefined;
  // Each round leaves something out or moves it to an earlier call, so they end.
  for (let before: unknown; before !== best;) {
    before = best;
    await leaveOutProcesses();
    await leaveOutChanges();
    await leaveOutOthers();
    await moveEarlier();
  }
  return { ...best!, runs, isMinimal: !isCut };
}

/** What makes a schedule another than the default order; each has a `call`. */
type Change = Deviation | Injection | CallFault;

const listChanges = ({ deviations, injections, faults }: Schedule): Change[] => [
  ...deviations,
  ...injections,
  ...faults,
];

const withChanges = (schedule: Schedule, changes: readonly Change[]): Schedule => ({
  ...schedule,
  deviations: changes.filter((change) => 'to' in change),
  injections: changes.filter((change) => 'signal' in change),
  faults: changes.filter((change) => 'effect' in change),
});

/** Without what names it; where others moved it and it another, they move that one. */
function leaveOutProcess(schedule: Schedule, process: string): Schedule {
  // Its forked children are client#1.1, its threads client#1+2.
  const isOfIt = (name: string): boolean =>
    name === process || name.startsWith(`${process}.`) || name.startsWith(`${process}+`);
  let moved: Deviation | undefined;
  const deviations = schedule.deviations.flatMap((deviation): Deviation[] => {
    const [isAt, isTo] = [isOfIt(deviation.at), isOfIt(deviation.to)];
    if (isTo) {
      if (!isAt) moved = deviation;
      return [];
    }
    const before = moved;
    moved = undefined;
    if (!isAt) return [deviation];
    return before && before.at !== deviation.to ? [{ ...before, to: deviation.to }] : [];
  });
  return {
    ...schedule,
    deviations,
    injections: schedule.injections.filter((injection) => !isOfIt(injection.process)),
    faults: schedule.faults.filter((fault) => !isOfIt(fault.process)),
    absent: [...schedule.absent, process],
  };
}

function keepWhatCameAbout(schedule: Schedule, { deviations, injections, faults }: Trace): Schedule {
  const hasLanded = (outcome: InjectionOutcome | undefined): boolean => outcome?.status === 'landed';
  return {
    ...schedule,
    deviations: deviations.length < schedule.deviations.length ? deviations : schedule.deviations,
    injections: schedule.injections.filter((_, index) => hasLanded(injections[index])),
    faults: schedule.faults.filter((_, index) => hasLanded(faults[index])),
  };
}

const renderKey = ({ deviations, injections, faults, absent }: Schedule): string =>
  JSON.stringify([deviations, injections, faults, absent.toSorted()]);
