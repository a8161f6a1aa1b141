import type { CallEvent, Placement, ProcessExit, SignalEvent, Wait } from '@ipclab/native/supervisor';
import { getContentsAt, getName, type Message, type Run } from '../model/run.js';
import { quoteText } from '../model/text.js';

/** Queues are lettered in the order of their making: queue A, queue B. */
export const nameQueue = (queue: number): string => `queue ${letter(queue)}`;
export const nameSegment = (segment: number): string => `segment ${letter(segment)}`;
export const nameSemaphores = (set: number): string => `semaphore set ${letter(set)}`;

const letter = (index: number): string => (index < 26 ? String.fromCodePoint(65 + index) : String(index + 1));

export const nameExit = (exit: ProcessExit): string =>
  exit.signal === undefined ? `exit status ${exit.code}` : `killed by ${exit.signal}`;

const LONGEST = 24; // letters of a text that a sentence shows

/** `message of type 42`, `reply of type 20001 {sequence: 3, text: "HI"}`. */
export function nameMessage({ format, mtype, fields }: Message): string {
  const shown = Object.entries(fields).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? quoteText(value, LONGEST) : String(value)}`,
  );
  return `${format ?? 'message'} of type ${mtype}${shown.length > 0 ? ` {${shown.join(', ')}}` : ''}`;
}

/** What a receive with that msgtyp takes (msgrcv(2)). */
export function nameSelection(msgtyp: number): string {
  if (msgtyp === 0) return 'any message';
  return msgtyp > 0 ? `a message of type ${msgtyp}` : `a message of the lowest type up to ${-msgtyp}`;
}

/** What a queue held when the run ended: `is empty`, `holds 3 messages, of types 2 and 7`. */
function describeContents(run: Run, queue: number | undefined): string {
  if (queue === undefined || queue < 0) return 'is not known';
  const held = getContentsAt(run, queue, Infinity);
  if (held.length === 0) return 'is empty';
  const types = [...new Set(held.map(({ mtype }) => mtype))];
  const shown = types.length > 4 ? [...types.slice(0, 3), '…'] : types;
  return held.length === 1
    ? `holds one message, of type ${shown[0]}`
    : `holds ${held.length} messages, ${types.length === 1 ? 'all of type' : 'of types'} ${shown.join(', ')}`;
}

/** `client#1 waits for a message of type 5 in queue A, which is empty`. */
export function nameWait(run: Run, wait: Wait): string {
  const who = getName(run, wait.process);
  const queue = wait.queue === undefined || wait.queue < 0 ? 'a queue' : nameQueue(wait.queue);
  switch (wait.kind) {
    case 'message':
      return `${who} waits for ${nameSelection(wait.args.msgtyp ?? 0)} in ${queue}, which ${describeContents(run, wait.queue)}`;
    case 'space':
      return `${who} waits for room in ${queue}, to send a message of type ${wait.args.mtype ?? '?'}; it ${describeContents(run, wait.queue)}`;
    case 'semaphore':
      return `${who} waits for a semaphore`;
    case 'child':
      return `${who} waits for ${wait.args.pid !== undefined && wait.args.pid > 0 ? nameByPid(run, wait.args.pid) : 'a child'} to end`;
    case 'signal':
      return `${who} waits for a signal in ${wait.name}`;
    case 'timer':
      return `${who} waits for a timer`;
    case 'event-loop':
      return `${who} waits in its event loop, with nothing that could wake it`;
    case 'stopped':
      return `${who} is stopped`;
    case 'unknown':
      return `${who} waits in a call that is not watched`;
  }
}

export const nameByPid = (run: Run, pid: number): string =>
  run.trace.processes.find((process) => process.pid === pid)?.name ?? `process ${pid}`;

/** `msgrcv`, with its outcome: `msgrcv failed with EINTR`. */
export const nameOutcome = ({ name, error }: CallEvent): string =>
  error === undefined ? name : `${name} failed with ${error}`;

export const PLACES: Readonly<Record<Placement, string>> = {
  before: 'just before',
  entry: 'on entering',
  blocked: 'asleep in',
  after: 'just after',
};

/** `SIGTERM reached main#1 (just before its call 3)`. */
export const nameSignal = (run: Run, { signal, process, placement, call }: SignalEvent): string =>
  `${signal} reached ${getName(run, process)}${placement === undefined ? '' : ` (${PLACES[placement]} its call ${call})`}`;

/** What the events say, at most three of them, in order. */
export const takeEvents = (...seqs: (number | null | undefined)[]): number[] =>
  [...new Set(seqs.filter((seq) => seq !== null && seq !== undefined))].slice(0, 3).toSorted((a, b) => a - b);
