import { createSchedule, type Schedule } from '@ipclab/harness';
import type { ChoicePoint, Deviation, Injection, Placement, SignalName, Trace } from '@ipclab/native/supervisor';

/** What the player has decided: who moves at each point of choice in turn, and signals in between. */
export type Decision =
  /** Without a deviation: whoever would have moved anyway. */
  { kind: 'move'; deviation?: Deviation } | { kind: 'signal'; injection: Injection };

export interface Game {
  decisions: readonly Decision[];
}

/** Where a game stands, as its last run shows. */
export interface Situation {
  /** Who must be asked; undefined when the run is over. */
  point?: ChoicePoint;
  /** Number of events so far. */
  seq: number;
  /** Each that can move, with the call that it would make. */
  able: { name: string; call: number; seq: number | null }[];
}

/** The schedule that leads to where the game stands, and from there on in the default order. */
export const getSchedule = ({ decisions }: Game): Schedule =>
  createSchedule({
    deviations: decisions.flatMap((each) => (each.kind === 'move' && each.deviation ? [each.deviation] : [])),
    injections: decisions.flatMap((each) => (each.kind === 'signal' ? [each.injection] : [])),
    recordPoints: true,
  });

export function getSituation({ decisions }: Game, trace: Trace): Situation {
  const asked = decisions.filter(({ kind }) => kind === 'move').length;
  const point = trace.points?.[asked];
  if (!point) return { seq: trace.events.length, able: [] };
  const able = point.able.map((name) => {
    const process = trace.processes.findIndex((each) => each.name === name.replace(/\+signal$/, ''));
    const done = trace.events.filter(
      (event) => event.kind === 'call' && event.process === process && event.seq < point.seq,
    ).length;
    const next = trace.events.find(
      (event) => event.kind === 'call' && event.process === process && event.seq >= point.seq,
    );
    return { name, call: done + 1, seq: next?.seq ?? null };
  });
  return { point, seq: point.seq, able };
}

/** `name` moves at the point. */
export function move(game: Game, point: ChoicePoint, name: string): Game {
  const { at, call } = point;
  const decision: Decision =
    name === point.usual ? { kind: 'move' } : { kind: 'move', deviation: { at, call, to: name } };
  return { decisions: [...game.decisions, decision] };
}

/** A signal reaches a process at the call that it would make next. */
export const sendSignal = (
  game: Game,
  { name, call }: Situation['able'][number],
  signal: SignalName,
  placement: Placement,
): Game => ({
  decisions: [...game.decisions, { kind: 'signal', injection: { signal, process: name, call, placement } }],
});

export const undo = ({ decisions }: Game): Game => ({ decisions: decisions.slice(0, -1) });
