import type { CallEvent, ProcessExit, SignalEvent, Wait } from '@ipclab/native/supervisor';
import { getName, type Message, type Run } from '../model/run.js';

/** Queues are lettered in the order of their making: queue A, queue B. */
export const nameQueue = (queue: number): string =>
  `queue ${queue < 26 ? String.fromCodePoint(65 + queue) : queue + 1}`;

export const nameExit = (exit: ProcessExit): string =>
  exit.signal === undefined ? `exit status ${exit.code}` : `killed by ${exit.signal}`;

/** `a message of type 42`, `the reply {sequence: 3, text: "HI"}`. */
export function nameMessage({ format, mtype, fields }: Message): string {
  const shown = Object.entries(fields).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
  );
  return `${format ?? 'message'} of type ${mtype}${shown.length > 0 ? ` {${shown.join(', ')}}` : ''}`;
}

/** What a receive with that msgtyp takes (msgrcv(2)). */
export function nameSelection(msgtyp: number): string {
  if (msgtyp === 0) return 'any message';
  return msgtyp > 0 ? `a message of type ${msgtyp}` : `a message of the lowest type up to ${-msgtyp}`;
}

/** `client#1 waits for a message of type 5 in queue A`. */
export function nameWait(run: Run, wait: Wait): string {
  const who = getName(run, wait.process);
  const queue = wait.queue === undefined || wait.queue < 0 ? 'a queue' : nameQueue(wait.queue);
  switch (wait.kind) {
    case 'message':
      return `${who} waits for ${nameSelection(wait.args.msgtyp ?? 0)} in ${queue}`;
    case 'space':
      return `${who} waits for room in ${queue} to send a message of type ${wait.args.mtype ?? '?'}`;
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

export const nameSignal = (run: Run, { signal, process, placement, call }: SignalEvent): string =>
  `${signal} reached ${getName(run, process)}${placement === undefined ? '' : ` ${placement === 'blocked' ? 'while it slept in' : placement} its call ${call}`}`;
