import { createSchedule, type Schedule } from '@ipclab/harness';
import type { CallFault, Deviation, Injection, Trace } from '@ipclab/native/supervisor';

export interface ShrinkOptions {
  /** Fails, in the default order with what it plans. */
  schedule: Schedule;
  /** The run that it gave. */
  trace: Trace;
  /** Names of processes that the scenario makes sense without. */
  optional: readonly string[];
  /** Throws a Fault. */
  run: (schedule: Schedule) => Promise<Trace>;
  /** Does the run fail in the way that matters? */
  fails: (trace: Trace) => boolean;
  /** Runs that it may take. */
  maxRuns: number;
  abort?: AbortSignal;
}

export interface Shrunk {
  schedule: Schedule;
  trace: Trace;
  runs: number;
  /** Would it pass without any one of its deviations, signals and faults? False if the runs did not suffice to tell. */
  isMinimal: boolean;
}

/** One thing that is not as in the default order. */
type Part =
  | { kind: 'deviation'; deviation: Deviation }
  | { kind: 'injection'; injection: Injection }
  | { kind: 'fault'; fault: CallFault };

/**
 * Makes a failing schedule simpler: fewer processes where the scenario allows it, then as few deviations, signals and faults as
 * possible (delta debugging, ddmin: Zeller, Hildebrandt 2002). A schedule without one of its parts takes another way from there on:
 * what it can no longer keep to is passed over, and what it then really did is what is kept.
 */
export async function shrinkSchedule(options: ShrinkOptions): Promise<Shrunk> {
  const { optional, maxRuns, abort } = options;
  let best = { schedule: options.schedule, trace: options.trace };
  let runs = 0;
  const isOver = (): boolean => runs >= maxRuns || (abort?.aborted ?? false);

  /** Keeps it, if it fails too. */
  const accept = async (schedule: Schedule): Promise<boolean> => {
    if (isOver()) return false;
    runs++;
    const trace = await options.run(schedule);
    if (!options.fails(trace)) return false;
    // Deviations that did not come about changed nothing.
    const deviations = trace.deviations.length < schedule.deviations.length ? trace.deviations : schedule.deviations;
    best = { schedule: { ...schedule, deviations }, trace };
    return true;
  };

  for (const name of optional.toReversed()) {
    const { schedule } = best;
    const isAbout = (process: string): boolean => process === name || process.startsWith(`${name}.`);
    await accept({
      ...schedule,
      absent: [...schedule.absent, name],
      deviations: schedule.deviations.filter(({ at, to }) => !isAbout(at) && !isAbout(to)),
      injections: schedule.injections.filter(({ process }) => !isAbout(process)),
      faults: schedule.faults.filter(({ process }) => !isAbout(process)),
    });
  }

  if (partsOf(best.schedule).length > 0) await accept(withParts(best.schedule, []));
  if (best.schedule.deviations.length > 0) await accept({ ...best.schedule, deviations: [] });

  let pieces = 2;
  for (let parts = partsOf(best.schedule); parts.length > 1 && !isOver(); parts = partsOf(best.schedule)) {
    pieces = Math.min(pieces, parts.length);
    const before = parts.length;
    if (!(await acceptSome(splitParts(parts, pieces)))) {
      if (pieces === parts.length) break;
      pieces = Math.min(parts.length, pieces * 2);
    } else pieces = Math.max(2, Math.min(pieces - 1, before));
  }

  /** Without one of the pieces each, until one such schedule fails. */
  async function acceptSome(chunks: Part[][]): Promise<boolean> {
    for (const [at] of chunks.entries()) {
      const rest = chunks.filter((_, index) => index !== at).flat();
      if (await accept(withParts(best.schedule, rest))) return true;
    }
    return false;
  }
  return { ...best, runs, isMinimal: !isOver() };
}

function partsOf({ deviations, injections, faults }: Schedule): Part[] {
  return [
    ...deviations.map((deviation): Part => ({ kind: 'deviation', deviation })),
    ...injections.map((injection): Part => ({ kind: 'injection', injection })),
    ...faults.map((fault): Part => ({ kind: 'fault', fault })),
  ];
}

function withParts({ absent }: Schedule, parts: readonly Part[]): Schedule {
  return createSchedule({
    absent,
    deviations: parts.flatMap((part) => (part.kind === 'deviation' ? [part.deviation] : [])),
    injections: parts.flatMap((part) => (part.kind === 'injection' ? [part.injection] : [])),
    faults: parts.flatMap((part) => (part.kind === 'fault' ? [part.fault] : [])),
  });
}

/** In so many pieces of about the same length. */
function splitParts(parts: readonly Part[], pieces: number): Part[][] {
  return Array.from({ length: pieces }, (_, at) =>
    parts.slice(Math.floor((at * parts.length) / pieces), Math.floor(((at + 1) * parts.length) / pieces)),
  );
}
