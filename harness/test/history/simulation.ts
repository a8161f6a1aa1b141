import type { FreeHistory, HistoryCall } from '@ipclab/native/supervisor';
import { control, createHistory, get, left, receive, send } from './histories.js';

/** An own, small notion of a queue, so that the one under test is not judged by itself. */
interface Pile {
  messages: [mtype: number, text: string][];
  isThere: boolean;
}
export const PILE_BYTES = 5;

type Done = Partial<HistoryCall> | 'blocks';
const fail = (error: string): Done => ({ result: -1, error });

/** What a call answers; the pile is changed. */
function perform(pile: Pile, { name, args, data }: HistoryCall): Done {
  const nowait = args.flags?.includes('IPC_NOWAIT');
  if (!pile.isThere) return fail('EINVAL');
  if (name === 'msgctl') {
    pile.isThere = false;
    return { result: 0 };
  }
  if (name === 'msgsnd') {
    const bytes = pile.messages.reduce((sum, [, text]) => sum + text.length, 0);
    if (bytes + args.sizeBytes! > PILE_BYTES) return nowait ? fail('EAGAIN') : 'blocks';
    pile.messages.push([args.mtype!, atob(data!)]);
    return { result: 0 };
  }
  const wanted = args.msgtyp!;
  const matching = pile.messages.filter(([mtype]) =>
    wanted === 0 ? true : wanted > 0 ? (mtype === wanted) !== args.flags!.includes('MSG_EXCEPT') : mtype <= -wanted,
  );
  if (matching.length === 0) return nowait ? fail('ENOMSG') : 'blocks';
  const chosen = wanted < 0 ? matching.toSorted(([a], [b]) => a - b)[0]! : matching[0]!;
  pile.messages.splice(pile.messages.indexOf(chosen), 1);
  return { result: chosen[1].length, data: btoa(chosen[1]), args: { ...args, mtype: chosen[0] } };
}

/** A call as it is entered: what it will answer is not yet known. `choice`: below 100. */
function createEntered(process: number, entered: number, choice: number, text: string, isLate: boolean): HistoryCall {
  const flags = choice % 2 === 0 ? ['IPC_NOWAIT'] : [];
  const type = 1 + (Math.floor(choice / 2) % 3);
  const kind = Math.floor(choice / 6);
  if (kind < 7) return send(process, [entered, null], type, text, { flags });
  if (kind < 11) return receive(process, [entered, null], 0, null, { flags });
  if (kind < 13) return receive(process, [entered, null], [type, -type][choice % 2]!, null, { flags });
  if (kind < 14) return receive(process, [entered, null], type, null, { flags: [...flags, 'MSG_EXCEPT'] });
  if (kind < 15 && isLate) return control(process, [entered, null], 'IPC_RMID');
  return receive(process, [entered, null], -3, null, { flags });
}

/**
 * Some processes use one queue at once, as the numbers decide: each makes one of them enter a call, have it take effect, or return.
 * Calls that sleep when the numbers end never return.
 */
export function simulate(processes: number, choices: readonly number[]): FreeHistory {
  const pile: Pile = { messages: [], isThere: true };
  const calls: HistoryCall[] = [get(0, [0.1, 0.2], 0)];
  const current = new Map<number, { call: HistoryCall; isDone: boolean }>();
  let stamp = 0;
  const step = (process: number, choice: number, isLate: boolean, mayEnter: boolean): void => {
    const going = current.get(process);
    if (!going) {
      if (!mayEnter) return;
      const call = createEntered(process, ++stamp, choice, String.fromCodePoint(97 + (calls.length % 26)), isLate);
      calls.push(call);
      current.set(process, { call, isDone: false });
    } else if (going.isDone) {
      going.call.returned = ++stamp;
      current.delete(process);
    } else {
      const { entered, args } = going.call;
      const sleepers = [...current.values()].filter(({ call, isDone }) => !isDone && call !== going.call);
      const done = perform(pile, going.call);
      if (done === 'blocks') return;
      Object.assign(going.call, done);
      going.isDone = true;
      if (args.cmd !== 'IPC_RMID' || done.error) return;
      // Those in the kernel are told; any that is under way may be.
      for (const sleeper of sleepers)
        if (sleeper.call.name !== 'msgctl' && (entered + sleeper.call.entered) % 2 === 0) {
          Object.assign(sleeper.call, fail('EIDRM'));
          sleeper.isDone = true;
        }
    }
  };
  for (const [index, choice] of choices.entries())
    step(choice % processes, Math.floor(choice / processes) % 100, index > choices.length / 2, true);
  for (const process of current.keys()) if (current.get(process)!.isDone) step(process, 0, false, false);
  const rest = pile.isThere ? left(...pile.messages) : {};
  return createHistory(calls, rest);
}

/** Every order, one after the other. */
export function isExplainable({ events, left: { queues } }: FreeHistory): boolean {
  const calls = (events as HistoryCall[]).slice(1);
  const search = (pile: Pile, waiting: HistoryCall[], removedBefore: number): boolean => {
    const must = waiting.filter(({ returned }) => returned !== null);
    const isOver =
      pile.isThere === queues.length > 0 &&
      (!pile.isThere ||
        JSON.stringify(pile.messages) ===
          JSON.stringify(queues[0]!.messages.map(({ mtype, data }) => [mtype, atob(data)])));
    if (must.length === 0 && isOver) return true;
    const first = Math.min(...must.map(({ returned }) => returned!));
    return waiting.some((call) => {
      if (call.entered > first) return false;
      const next = { messages: [...pile.messages], isThere: pile.isThere };
      const rest = waiting.filter((each) => each !== call);
      const noted = Math.min(removedBefore, call.returned ?? Infinity);
      if (call.error === 'EIDRM') return !pile.isThere && call.entered < removedBefore && search(next, rest, noted);
      const done = perform(next, call);
      if (done === 'blocks') return false;
      if (call.returned === null)
        return done.error === undefined && search(next, rest, pile.isThere ? Infinity : noted);
      if (done.error !== call.error || done.result !== call.result) return false;
      if (call.name === 'msgrcv' && !call.error && (done.data !== call.data || done.args!.mtype !== call.args.mtype))
        return false;
      return search(next, rest, next.isThere ? Infinity : noted);
    });
  };
  return search({ messages: [], isThere: true }, calls, Infinity);
}

export const getReceives = ({ events }: FreeHistory): HistoryCall[] =>
  (events as HistoryCall[]).filter(({ name, error, returned }) => name === 'msgrcv' && !error && returned !== null);

export const CORRUPTIONS: Record<string, (history: FreeHistory, choice: number) => void> = {
  'a message that nobody sent': (history, choice) => {
    const received = getReceives(history);
    const call = received[choice % received.length];
    if (call) call.data = btoa('?');
  },
  'a message received twice': (history, choice) => {
    const received = getReceives(history);
    const [call, other] = [received[choice % received.length], received[(choice + 1) % received.length]];
    if (call && other && call !== other)
      Object.assign(call, { data: other.data, args: { ...call.args, mtype: other.args.mtype } });
  },
  'another answer': ({ events }, choice) => {
    const calls = (events as HistoryCall[]).filter(({ returned }, index) => index > 0 && returned !== null);
    const call = calls[choice % calls.length];
    if (!call) return;
    if (call.error) {
      delete call.error;
      Object.assign(call, {
        result: 1,
        ...(call.name === 'msgrcv' ? { data: btoa('a'), args: { ...call.args, mtype: 1 } } : { result: 0 }),
      });
    } else Object.assign(call, { result: -1, error: ['EINVAL', 'EIDRM', 'ENOMSG', 'EAGAIN'][choice % 4] });
  },
  'two answers exchanged': (history, choice) => {
    const received = getReceives(history);
    const [call, other] = [received[choice % received.length], received[(choice * 7 + 3) % received.length]];
    if (!call || !other) return;
    const [a, b] = [call.data!, other.data!];
    [call.data, other.data] = [b, a];
    [call.args, other.args] = [
      { ...call.args, mtype: other.args.mtype! },
      { ...other.args, mtype: call.args.mtype! },
    ];
  },
  'a message lost': ({ left: { queues } }) => void queues[0]?.messages.shift(),
};
