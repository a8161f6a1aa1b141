import type { CallEvent, TraceEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { takeEvents } from './words.js';

const signalName = z
  .string()
  .regex(/^SIG[A-Z0-9]+$/, 'Expected the name of a signal: SIGUSR1')
  .meta({ examples: ['SIGUSR1'] });

const parameters = z.strictObject({
  signal: signalName.describe('The signal that is counted: SIGUSR1'),
  ack: signalName.describe('The one by which the receiver says that it has had it: SIGUSR2'),
  from: z.string().describe('Role that sends the signal'),
  to: z.string().describe('Role that sends the acknowledgement'),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'too-soon': 'The next signal was sent before the one before it was acknowledged',
  unasked: 'An acknowledgement was sent for which no signal had come',
};
type Code = keyof typeof codes;

/** Sent by a process of the one role to one of the other. */
const listSent = (run: Run, signal: string, from: string, to: string): CallEvent[] =>
  getCalls(run, 'kill').filter(
    ({ args, error, process, target }) =>
      args.signal === signal &&
      error === undefined &&
      target !== undefined &&
      getRole(run, process) === from &&
      getRole(run, target) === to,
  );

/** Does the event say that the signal came to the process: to its handler, or as what sigwait waited for? */
const isTaken = (event: TraceEvent, process: number, signal: string): boolean =>
  event.process === process &&
  ((event.kind === 'signal' && event.signal === signal && event.action === 'handler') ||
    (event.kind === 'call' && event.name === 'sigtimedwait' && event.error === undefined));

function checkSender(run: Run, { signal, ack, from, to }: Parameters): Found<Code>[] {
  return listSent(run, signal, from, to).flatMap((sent, index, all): Found<Code>[] => {
    const { process, target, seq } = sent;
    const before = all.slice(0, index).findLast((each) => each.process === process && each.target === target);
    if (!before) return [];
    if (run.trace.events.slice(before.seq + 1, seq).some((event) => isTaken(event, process, ack))) return [];
    const [who, whom] = [getName(run, process), getName(run, target!)];
    return [
      {
        code: 'too-soon',
        message: `${who} sent ${whom} another ${signal} before the ${ack} for the last one had come.`,
        events: takeEvents(before.seq, seq),
        expected: `one ${signal}, then its ${ack}, then the next`,
        actual: `two ${signal} with no ${ack} in between`,
        processes: [process],
      },
    ];
  });
}

function checkReceiver(run: Run, { signal, ack, from, to }: Parameters): Found<Code>[] {
  return listSent(run, ack, to, from).flatMap((sent, index, all): Found<Code>[] => {
    const { process, seq } = sent;
    const count = all.slice(0, index + 1).filter((each) => each.process === process).length;
    const taken = run.trace.events.slice(0, seq).filter((event) => isTaken(event, process, signal));
    if (taken.length >= count) return [];
    return [
      {
        code: 'unasked',
        message: `${getName(run, process)} sent ${ack} number ${count} when ${taken.length} ${signal} had come to it.`,
        events: takeEvents(taken.at(-1)?.seq, seq),
        expected: `one ${ack} for each ${signal}, after it has come`,
        actual: `${count} ${ack} for ${taken.length} ${signal}`,
        processes: [process],
      },
    ];
  });
}

/** Signals are not counted by the kernel: each is acknowledged by another before the next is sent. */
export const acknowledgedSignals = defineRule<Parameters, Code>({
  name: 'acknowledged-signals',
  summary: 'Each signal is acknowledged by another before the next is sent',
  why: 'A signal that is pending already is not queued a second time: two that are sent before the first is delivered arrive as one.',
  source: 'signal(7): Queueing and delivery semantics for standard signals',
  tested: {
    by: 'a signal that is to be acknowledged',
    isIn: (run, { signal, from, to }) => listSent(run, signal, from, to).length > 0,
  },
  codes,
  hints: [
    'When kill has returned, where is the signal: delivered, or pending? And what becomes of a second one now?',
    'Only the receiver can tell that a signal was delivered; until then, another of the same kind is lost.',
    'After each kill wait for the acknowledgement (sigsuspend, until its handler has run); the receiver sends it once for each signal that it has handled.',
  ],
  example: '{ signal: SIGUSR1, ack: SIGUSR2, from: main, to: server }',
  parameters,
  check(run, wanted) {
    const found = [...checkSender(run, wanted), ...checkReceiver(run, wanted)];
    // What a process does once it does again: its first time tells all.
    return found
      .filter(({ processes }, index) => found.findIndex((each) => each.processes[0] === processes[0]) === index)
      .filter(({ processes }) => !isExcused(run, wanted.signalled, processes));
  },
});
