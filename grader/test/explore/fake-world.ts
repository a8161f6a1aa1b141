import type { Schedule } from '@ipclab/harness';
import type {
  CallName,
  ChoicePoint,
  Deviation,
  DeviationMiss,
  Trace,
  TraceEvent,
  Wait,
} from '@ipclab/native/supervisor';

/** What each process calls, in the order of their start. They share one queue: a `msgrcv` waits until there is a message. */
export type World = Record<string, readonly CallName[]>;

interface Fake {
  name: string;
  calls: readonly CallName[];
  /** The first is its start; then each makes one call. */
  turns: number;
}

/** One run of a made-up program, as the supervisor would carry it out: run on until blocked, but for what the schedule says. */
export function runWorld(world: World, schedule: Schedule): Trace {
  const fakes: Fake[] = Object.entries(world)
    .filter(([name]) => !schedule.absent.includes(name))
    .map(([name, calls]) => ({ name, calls, turns: 0 }));
  const events: TraceEvent[] = [];
  const points: ChoicePoint[] = [];
  const deviations: Deviation[] = [];
  const reached = new Set<Deviation>();
  const misses: DeviationMiss[] = [];
  let messages = 0;
  let next = 0;
  let at: Fake | undefined;

  const hasEnded = ({ turns, calls }: Fake): boolean => turns > calls.length;
  const isAble = (fake: Fake): boolean =>
    !hasEnded(fake) && (fake.turns === 0 || fake.calls[fake.turns - 1] !== 'msgrcv' || messages > 0);
  const choose = (able: Fake[]): Fake => {
    if (able.length === 1) return able[0]!;
    const here = { at: at?.name ?? '', call: at?.turns ?? 0 };
    const usual = able.find((fake) => fake === at) ?? able[0]!;
    const found = schedule.deviations.findIndex(
      (planned, index) => index >= next && planned.at === here.at && planned.call === here.call,
    );
    let chosen = usual;
    if (found >= 0) {
      const planned = schedule.deviations[found]!;
      next = found + 1;
      reached.add(planned);
      const wanted = able.find(({ name }) => name === planned.to);
      if (wanted) chosen = wanted;
      else misses.push({ deviation: found, reason: 'not-able', seq: events.length });
    }
    const choice = { ...here, to: chosen.name };
    if (chosen !== usual) deviations.push(choice);
    points.push({
      ...choice,
      able: able.map(({ name }) => name),
      usual: usual.name,
      preempts: usual === at,
      seq: events.length,
    });
    return chosen;
  };

  for (let able = fakes.filter(isAble); able.length > 0; able = fakes.filter(isAble)) {
    at = choose(able);
    const process = fakes.indexOf(at);
    const seq = events.length;
    const call = at.turns++;
    if (call === 0) events.push({ kind: 'start', seq, process });
    else {
      const name = at.calls[call - 1]!;
      if (name === 'msgsnd') messages++;
      if (name === 'msgrcv') messages--;
      events.push({ kind: 'call', seq, process, call, name, args: {}, result: 0, arrived: seq - 1, waited: false });
    }
  }
  const waits = fakes.flatMap((fake, process): Wait[] =>
    hasEnded(fake) ? [] : [{ process, call: fake.turns, name: 'msgrcv', args: {}, kind: 'message', certain: true }],
  );
  const madeCalls = ({ name, call }: { name: string; call: number }): boolean =>
    fakes.some((fake) => fake.name === name && call < fake.turns);
  const outcomeOf = ({ process, call }: { process: string; call: number }) =>
    madeCalls({ name: process, call }) ? { status: 'landed' as const } : { status: 'not-reached' as const };
  return {
    version: 5,
    processes: fakes.map((fake) => ({
      name: fake.name,
      role: fake.name.replace(/#.*/, ''),
      pid: 1000,
      parent: null,
      exit: hasEnded(fake) ? { code: 0 } : null,
      endedBySupervisor: !hasEnded(fake),
      calls: fake.turns - 1,
    })),
    queues: [],
    segments: [],
    semaphores: [],
    messages: [],
    events,
    end: { cause: waits.length > 0 ? 'deadlock' : 'completed', waits },
    deviations,
    injections: schedule.injections.map(outcomeOf),
    faults: schedule.faults.map(outcomeOf),
    misses: [
      ...misses,
      ...schedule.deviations.flatMap((planned, deviation): DeviationMiss[] =>
        reached.has(planned) ? [] : [{ deviation, reason: 'not-reached' }],
      ),
    ].toSorted((a, b) => a.deviation - b.deviation),
    ...(schedule.recordPoints ? { points } : {}),
    choices: points.length,
  };
}

/** What moved, in order: `client#1 msgsnd`, `client#1 start`. */
export const listMoves = ({ events, processes }: Trace): string[] =>
  events.map((event) => `${processes[event.process]!.name} ${event.kind === 'call' ? event.name : event.kind}`);
