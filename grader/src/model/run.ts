import type { CallEvent, MessageRecord, SignalEvent, Trace } from '@ipclab/native/supervisor';
import { type FieldValue, readFields } from './layout.js';

/** How messages are read: those with an mtype in the range have these fields. */
export interface Format {
  mtype: { min?: number | undefined; max?: number | undefined };
  fields: Readonly<Record<string, string>>;
}
export type Formats = Readonly<Record<string, Format>>;

/** A message of the trace, with what the lab says of it. */
export interface Message extends MessageRecord {
  /** Place in `Trace.messages`. */
  index: number;
  /** Name of its format: the first in the lab's order whose mtypes it has. */
  format: string | null;
  fields: Record<string, FieldValue>;
}

/** What rules look at: one trace, read in the words of the lab. */
export interface Run {
  trace: Trace;
  messages: readonly Message[];
  /** The lab's. */
  formats: Formats;
  /** Planned signals that did something to a process, in order. The stop at the end is not one of them. */
  signals: readonly SignalEvent[];
}

export function createRun(trace: Trace, formats: Formats): Run {
  const messages = trace.messages.map((message, index): Message => {
    const format = Object.entries(formats).find(
      ([, { mtype }]) => message.mtype >= (mtype.min ?? 1) && message.mtype <= (mtype.max ?? Infinity),
    );
    const bytes = Uint8Array.from(atob(message.data), (letter) => letter.codePointAt(0)!);
    return {
      ...message,
      index,
      format: format?.[0] ?? null,
      fields: format ? readFields(bytes, format[1].fields) : {},
    };
  });
  const signals = trace.events.filter(
    (event): event is SignalEvent =>
      event.kind === 'signal' && event.placement !== undefined && event.action !== 'ignored',
  );
  return { trace, messages, formats, signals };
}

export const getName = (run: Run, process: number): string => run.trace.processes[process]?.name ?? '?';
export const getRole = (run: Run, process: number): string => run.trace.processes[process]?.role ?? '?';

/** Did all that was to happen happen? In a run that was ended, what is missing may only be missing because of that. */
export const isComplete = ({ trace }: Run): boolean => trace.end.cause === 'completed';

/** Had a planned signal reached that process, or any if none is given, before the event? */
export const isSignalled = ({ signals }: Run, process?: number, before = Infinity): boolean =>
  signals.some((signal) => signal.seq < before && (process === undefined || signal.process === process));

/** Had a planned signal reached one of those processes, or a relative of it by fork? */
export const isAnyReached = (run: Run, processes: readonly number[]): boolean =>
  run.signals.some(({ process }) => processes.some((each) => getRoot(run, each) === getRoot(run, process)));

export const getCalls = ({ trace }: Run, name?: string, process?: number): CallEvent[] =>
  trace.events.filter(
    (event): event is CallEvent =>
      event.kind === 'call' &&
      (name === undefined || event.name === name) &&
      (process === undefined || event.process === process),
  );

/** What the queue held just before the event, in order of sending. */
export const getContentsAt = ({ messages }: Run, queue: number, seq: number): Message[] =>
  messages.filter(
    (message) =>
      message.queue === queue &&
      (message.sentAt ?? -1) < seq &&
      (message.receivedAt === null || message.receivedAt >= seq),
  );

/** Calls that slept on the queue (or semaphore set) when the event happened: they had come to it, could not proceed, and returned later. */
export const getSleepersAt = (
  run: Run,
  index: number,
  seq: number,
  field: 'queue' | 'segment' | 'semaphores' = 'queue',
): CallEvent[] =>
  getCalls(run).filter(
    (call) =>
      call[field] === index &&
      call.waited &&
      call.arrived < seq &&
      call.seq > seq &&
      (call.name === 'msgrcv' || call.name === 'msgsnd' || call.name === 'semop'),
  );

/** The process that the scenario started, of which this one is, or comes by forks. */
export function getRoot({ trace }: Run, process: number): number {
  for (let root = process; ;) {
    const parent = trace.processes[root]?.parent ?? null;
    if (parent === null) return root;
    root = parent;
  }
}

/** A process and all that it forked, and they. */
export function getFamily({ trace }: Run, ancestor: number): number[] {
  const family = new Set([ancestor]);
  // Children stand after their parents.
  for (const [index, { parent }] of trace.processes.entries())
    if (parent !== null && family.has(parent)) family.add(index);
  return [...family];
}

/** Processes of a role that the scenario started; without the children that they forked. */
export const getStarted = ({ trace }: Run, role: string): number[] =>
  trace.processes.flatMap((process, index) => (process.role === role && process.parent === null ? [index] : []));
