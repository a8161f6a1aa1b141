import type { Scenario } from '@ipclab/harness';
import type { CallName, Injection, Placement, Strategy, Trace } from '@ipclab/native/supervisor';

// The calls that can block, so that a signal can find a process inside one.
const WAITING = new Set<CallName | 'unknown'>([
  ...(['msgsnd', 'msgrcv', 'semop', 'wait', 'sigsuspend', 'sigtimedwait'] as const),
  ...(['pause', 'sleep', 'poll', 'unknown'] as const),
]);
const PLACEMENTS: readonly Placement[] = ['before', 'entry', 'blocked', 'after'];

/** The places (a call and a placement) where a scenario's signals may land, as far as runs have shown them. */
export interface Places {
  /** Takes the calls of a run into account. */
  learn(trace: Trace): void;
  /** All places, in a fixed order. */
  getAll(): Injection[];
  /** Those not yet tried at all; then those not yet drawn together with that order of moves. */
  getFresh(order: Strategy['kind']): Injection[];
  /** Says that a place was drawn, and whether the signal landed there. */
  record(injection: Injection, order: Strategy['kind'], landed: boolean): void;
  count(): { known: number; tried: number; landed: number };
}

export function createPlaces(signals: Scenario['signals']): Places {
  /** Of each process: for each of its calls, may a signal find it blocked there? */
  const calls = new Map<string, boolean[]>();
  const tried = new Set<string>();
  const drawn = new Set<string>();
  const landed = new Set<string>();
  const enumerate = (): Injection[] =>
    signals.flatMap(({ signal, process }) =>
      (calls.get(process) ?? []).flatMap((canBlock, index) =>
        PLACEMENTS.filter((placement) => placement !== 'blocked' || canBlock).map((placement) => ({
          signal,
          process,
          call: index + 1,
          placement,
        })),
      ),
    );
  return {
    learn(trace) {
      for (const [process, { name }] of trace.processes.entries()) {
        const known = calls.get(name) ?? [];
        calls.set(name, known);
        const see = (call: number, canBlock: boolean): void => {
          known[call - 1] = (known[call - 1] ?? false) || canBlock;
        };
        for (const event of trace.events)
          if (event.kind === 'call' && event.process === process) see(event.call, WAITING.has(event.name));
        // A call that never returned counts too: the process waited in it to the end.
        for (const wait of trace.end.waits) if (wait.process === process) see(wait.call, WAITING.has(wait.name));
        // Calls of other threads may be missing from the main thread's count.
        for (let index = 0; index < known.length; index++) known[index] ??= false;
      }
    },
    getAll: enumerate,
    getFresh(order) {
      const all = enumerate();
      const untried = all.filter((injection) => !tried.has(renderPlace(injection)));
      return untried.length > 0 ? untried : all.filter((injection) => !drawn.has(`${order} ${renderPlace(injection)}`));
    },
    record(injection, order, hasLanded) {
      drawn.add(`${order} ${renderPlace(injection)}`);
      tried.add(renderPlace(injection));
      if (hasLanded) landed.add(renderPlace(injection));
    },
    count: () => ({ known: enumerate().length, tried: tried.size, landed: landed.size }),
  };
}

const renderPlace = ({ signal, process, call, placement }: Injection): string =>
  `${signal} ${process} ${call} ${placement}`;
