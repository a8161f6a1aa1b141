import type { Scenario } from '@ipclab/harness';
import type { CallFault, CallName, Injection, Placement, Trace } from '@ipclab/native/supervisor';

// The calls that can block, so that a signal can find a process inside one.
const WAITING = new Set<CallName | 'unknown'>([
  ...(['msgsnd', 'msgrcv', 'semop', 'wait', 'sigsuspend', 'sigtimedwait'] as const),
  ...(['pause', 'sleep', 'poll', 'unknown'] as const),
]);
export const PLACEMENTS: readonly Placement[] = ['before', 'entry', 'blocked', 'after'];

/** Whoever is killed on entering a call is gone as one who is killed before it: neither makes it. */
const getPlacements = (signal: string, canBlock: boolean): Placement[] =>
  PLACEMENTS.filter(
    (placement) => (placement !== 'blocked' || canBlock) && (placement !== 'entry' || signal !== 'SIGKILL'),
  );

/** Something that comes to a process at a place (a call, and for a signal a placement): a signal, a kill, a fault. */
export type Happening = { kind: 'signal'; injection: Injection } | { kind: 'fault'; fault: CallFault };

/** What became of the happenings of one kind, at all calls of one name: numbers of places. */
export interface HappeningRow {
  /** `SIGTERM`, `SIGINT to all`, `SIGKILL +client#2`, `ENOSPC`, `RMID`. */
  what: string;
  process: string;
  call: CallName | 'unknown';
  /** By placement; a fault has `before` only. */
  cells: Partial<Record<Placement, HappeningCell>>;
}

export interface HappeningCell {
  /** Places where it came and nothing went wrong. */
  survived: number;
  /** Places where it came and a rule did not hold. */
  failed: number;
  /** Places where it was tried, but the run took another way or the process did not wait there. */
  unreached: number;
  untried: number;
}

/** The places where a scenario's signals and faults may come, as far as runs have shown them. */
export interface Happenings {
  /** Takes the calls of a run into account. */
  learn(trace: Trace): void;
  /** All, in a fixed order. */
  getAll(): Happening[];
  /** Those not yet tried at all; then those not yet drawn for runs in that order. */
  getFresh(order: 'default' | 'drawn'): Happening[];
  /** Says that one was drawn; it will be tried. */
  draw(happening: Happening, order: 'default' | 'drawn'): void;
  /** Says what became of it. */
  record(happening: Happening, landed: boolean, failed: boolean): void;
  count(): { known: number; tried: number; landed: number };
  getMatrix(): HappeningRow[];
}

interface Site {
  call: CallName | 'unknown';
  canBlock: boolean;
}

export function createHappenings({ signals, faults }: Pick<Scenario, 'signals' | 'faults'>): Happenings {
  /** Of each process: its calls, by index − 1. */
  const sites = new Map<string, Site[]>();
  const drawn = new Set<string>();
  const fates = new Map<string, { landed: boolean; failed: boolean }>();

  const getSites = (process: string): Site[] => {
    const known = sites.get(process) ?? [];
    sites.set(process, known);
    return known;
  };
  const enumerate = (): Happening[] => [
    ...signals.flatMap(({ signal, process, group, also }) =>
      getSites(process).flatMap(({ canBlock }, index) =>
        getPlacements(signal, canBlock).map((placement): Happening => ({
          kind: 'signal',
          injection: {
            signal,
            process,
            call: index + 1,
            placement,
            ...(group ? { group } : {}),
            ...(also ? { also } : {}),
          },
        })),
      ),
    ),
    ...faults.flatMap(({ process, call, effect }) =>
      getSites(process).flatMap((site, index): Happening[] =>
        site.call === call ? [{ kind: 'fault', fault: { process, call: index + 1, effect } }] : [],
      ),
    ),
  ];
  const siteOf = (happening: Happening): Site | undefined => {
    const { process, call } = happening.kind === 'signal' ? happening.injection : happening.fault;
    return getSites(process)[call - 1];
  };
  const isTried = (happening: Happening): boolean => drawn.has(renderHappening(happening));

  return {
    learn(trace) {
      for (const [process, { name }] of trace.processes.entries()) {
        const known = getSites(name);
        const see = (index: number, call: CallName | 'unknown'): void => {
          const site = (known[index - 1] ??= { call, canBlock: false });
          site.canBlock ||= WAITING.has(call);
        };
        for (const event of trace.events)
          if (event.kind === 'call' && event.process === process) see(event.call, event.name);
        // A call that never returned counts too: the process waited in it to the end.
        for (const wait of trace.end.waits) if (wait.process === process) see(wait.call, wait.name);
        // Calls of other threads may be missing from the main thread's count.
        for (let index = 0; index < known.length; index++) known[index] ??= { call: 'unknown', canBlock: false };
      }
    },
    getAll: enumerate,
    getFresh(order) {
      const all = enumerate();
      const untried = all.filter((happening) => !isTried(happening));
      return untried.length > 0 ? untried : all.filter((one) => !drawn.has(`${order} ${renderHappening(one)}`));
    },
    draw(happening, order) {
      drawn.add(renderHappening(happening));
      drawn.add(`${order} ${renderHappening(happening)}`);
    },
    record(happening, landed, failed) {
      const place = renderHappening(happening);
      const before = fates.get(place);
      fates.set(place, {
        landed: landed || (before?.landed ?? false),
        failed: failed || (before?.failed ?? false),
      });
    },
    count: () => ({
      known: enumerate().length,
      tried: enumerate().filter(isTried).length,
      landed: [...fates.values()].filter(({ landed }) => landed).length,
    }),
    getMatrix() {
      const rows = new Map<string, HappeningRow>();
      for (const happening of enumerate()) {
        const { call } = siteOf(happening)!;
        const { process } = happening.kind === 'signal' ? happening.injection : happening.fault;
        const what = nameHappening(happening);
        const key = `${what} ${process} ${call}`;
        const row = rows.get(key) ?? { what, process, call, cells: {} };
        rows.set(key, row);
        const placement = happening.kind === 'signal' ? happening.injection.placement : 'before';
        const cell = (row.cells[placement] ??= { survived: 0, failed: 0, unreached: 0, untried: 0 });
        const fate = fates.get(renderHappening(happening));
        cell[!fate ? 'untried' : fate.failed ? 'failed' : fate.landed ? 'survived' : 'unreached']++;
      }
      return [...rows.values()];
    },
  };
}

function nameHappening(happening: Happening): string {
  if (happening.kind === 'fault') return happening.fault.effect;
  const { signal, group, also } = happening.injection;
  if (also) return `${signal} +${also.join(' +')}`;
  return group ? `${signal} to all` : signal;
}

function renderHappening(happening: Happening): string {
  if (happening.kind === 'fault') return Object.values(happening.fault).join(' ');
  const { signal, process, call, placement, group, also } = happening.injection;
  return `${signal} ${process} ${call} ${placement} ${group ?? ''} ${also?.join(' ') ?? ''}`;
}
