import type { Schedule } from '@ipclab/harness';
import type { CallName, ChoicePoint, Deviation, Trace } from '@ipclab/native/supervisor';

export interface SwapOptions {
  /** Fails; in the default order, but for what it says. */
  schedule: Schedule;
  run: (schedule: Schedule) => Promise<Trace>;
  passes: (trace: Trace) => boolean;
  maxRuns: number;
  /** `seq` of the event by which it has failed: what is chosen later cannot matter. */
  until?: number;
  abort?: AbortSignal;
}

/** The choice on which it turns whether a run fails. */
export interface Swap {
  /** `seq` of the event with which `first` went on there; of the last event, if it never did. */
  seq: number;
  /** Moved first, and the run fails. */
  first: Mover;
  /** Would have had to move first. */
  second: Mover;
  /** Is it enough that the two change places, and all else goes on as before? Otherwise the run went its own way from there. */
  isAdjacent: boolean;
}

export interface Mover {
  /** Its name, or that of its thread: `client#1`, `client#1+2`. */
  process: string;
  /** What it did next in the run that fails: it started, or a call; undefined if it did nothing more. */
  move?: 'start' | CallName;
  /** Instead of moving it took a signal, just before the call that it was at. */
  signal?: true;
}

/**
 * The last choice of a failing run that turns it: another process moves there, all choices before it are the same, those after it
 * are kept where they come about. Undefined if the run does not fail, or has no such choice, or none was found in `maxRuns` runs.
 * Throws what `run` throws.
 */
export async function findSwap({
  schedule,
  run,
  passes,
  maxRuns,
  until = Infinity,
  abort,
}: SwapOptions): Promise<Swap | undefined> {
  let runs = 0;
  /** Undefined when the runs are used up. */
  const runWith = async (deviations: Deviation[]): Promise<Recorded | undefined> => {
    if (runs >= maxRuns || abort?.aborted) return undefined;
    runs++;
    return createRecorded(await run({ ...schedule, deviations, recordPoints: true }), passes);
  };

  const failing = await runWith(schedule.deviations);
  if (!failing || failing.passes) return undefined;
  for (const [index, point] of [...failing.points.entries()].toReversed()) {
    if (point.seq > until) continue;
    const [first, next, third] = failing.moves.slice(point.place);
    // Where the same one moves several times before another does, the choice between the two comes after the last of them.
    const neighbour = first === point.to && next !== first ? next : undefined;
    const others = point.able.filter((name) => name !== point.to);
    for (const other of others.toSorted((a, b) => Number(b === neighbour) - Number(a === neighbour))) {
      const before = [...listDeviations(failing.points.slice(0, index)), ...moveThere(point, other)];
      const turned = await runWith([...before, ...listDeviations(failing.points.slice(index + 1))]);
      if (!turned) return undefined;
      let isAdjacent = false;
      if (other === neighbour) {
        const wanted = [other, point.to, ...(third === undefined ? [] : [third])];
        const after = listDeviations(failing.points.filter(({ place }) => place >= point.place + wanted.length));
        const follow = (some: Deviation[]) => runWith([...some, ...after]);
        isAdjacent = (await followMoves(turned, point.place, wanted, before, follow))?.passes ?? false;
      }
      if (isAdjacent || turned.passes) return { ...describe(failing.trace, point, other), isAdjacent };
    }
  }
  return undefined;
}

/** A run, with the moves that were made in it. */
interface Recorded {
  trace: Trace;
  /** Who moved: one name a move. */
  moves: string[];
  points: (ChoicePoint & { /** Number of moves before it. */ place: number })[];
  passes: boolean;
}

function createRecorded(trace: Trace, passes: (trace: Trace) => boolean): Recorded {
  // A process moves once to start, and once with each call.
  const moved = trace.events.filter(({ kind }) => kind === 'start' || kind === 'call');
  const points = (trace.points ?? []).map((point) => ({
    ...point,
    place: moved.filter(({ seq }) => seq < point.seq).length,
  }));
  return { trace, moves: moved.map((event) => nameMover(trace, event)), points, passes: passes(trace) };
}

const nameMover = ({ processes }: Trace, event: { process: number; thread?: number }): string =>
  `${processes[event.process]!.name}${event.thread ? `+${event.thread}` : ''}`;

const listDeviations = (points: readonly ChoicePoint[]): Deviation[] =>
  points.filter(({ usual, to }) => to !== usual).map(({ at, call, to }) => ({ at, call, to }));

const moveThere = ({ at, call, usual }: ChoicePoint, to: string): Deviation[] =>
  to === usual ? [] : [{ at, call, to }];

/** Has the moves from `place` on made as wanted, with a run for each that was another; undefined where one cannot be made. */
async function followMoves(
  begun: Recorded,
  place: number,
  wanted: readonly string[],
  before: readonly Deviation[],
  runWith: (deviations: Deviation[]) => Promise<Recorded | undefined>,
): Promise<Recorded | undefined> {
  const deviations = [...before];
  let current = begun;
  // `before` has seen to the first.
  for (let offset = 1; offset < wanted.length; offset++) {
    const name = wanted[offset]!;
    const isAsWanted = current.moves[place + offset] === name;
    const point = current.points.find((each) => each.place === place + offset);
    if (!isAsWanted && !point?.able.includes(name)) return undefined;
    if (point) deviations.push(...moveThere(point, name));
    const next = isAsWanted ? current : await runWith([...deviations]);
    if (!next) return undefined;
    current = next;
  }
  return current;
}

function describe(trace: Trace, { seq, to }: ChoicePoint, other: string): Omit<Swap, 'isAdjacent'> {
  const eventOf = (name: string) => trace.events.find((event) => event.seq >= seq && nameMover(trace, event) === name);
  const moverOf = (name: string): Mover => {
    const process = name.replace(/\+signal$/, '');
    if (process !== name) return { ...moverOf(process), signal: true };
    const event = trace.events.find(
      (each) => each.seq >= seq && each.kind !== 'signal' && nameMover(trace, each) === process,
    );
    if (event)
      return {
        process,
        ...(event.kind === 'call' ? { move: event.name } : event.kind === 'start' ? { move: 'start' } : {}),
      };
    const wait = trace.end.waits.find((each) => trace.processes[each.process]?.name === process);
    return { process, ...(wait && wait.name !== 'unknown' ? { move: wait.name } : {}) };
  };
  return {
    seq: eventOf(to.replace(/\+signal$/, ''))?.seq ?? trace.events.length - 1,
    first: moverOf(to),
    second: moverOf(other),
  };
}
