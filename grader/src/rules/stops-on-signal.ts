import type { SignalEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { hasHandled } from './tested.js';
import { nameExit, nameMessage, nameQueue, nameWait, takeEvents } from './words.js';

const parameters = z.strictObject({
  role: z.string().describe('Who is told to stop'),
  signals: z
    .array(
      z
        .string()
        .regex(/^SIG[A-Z0-9]+$/, 'Expected the name of a signal: SIGTERM')
        .meta({ examples: ['SIGTERM'] }),
    )
    .min(1)
    .describe('By which signals'),
  within: z.int().min(1).default(50).describe('Calls that it may still make, to finish what it has begun'),
  drains: z
    .string()
    .optional()
    .describe('Messages of this format that were in the queue when the signal came are still received by the role'),
  code: z.int().min(0).max(255).default(0).describe('Exit status with which it ends then'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'never-stopped': 'A process was told to stop, and waits for ever',
  killed: 'A process had no handler for the signal that tells it to stop',
  'went-on': 'A process was told to stop, and went on as before',
  dropped: 'A process that was told to stop left a message unread that was there already',
  'wrong-status': 'A process that was told to stop ended with another status than it should',
};
type Code = keyof typeof codes;

/** How a process ends that a handler of its own has told to stop. */
function checkStop(run: Run, told: SignalEvent, { within, drains, code }: Parameters): Found<Code>[] {
  const { process, signal, seq, action } = told;
  const who = getName(run, process);
  const found = (which: Code, message: string, expected: string, actual: string, at?: number): Found<Code>[] => [
    { code: which, message, events: takeEvents(seq, at), expected, actual, processes: [process] },
  ];
  if (action === 'killed')
    return found('killed', `${who} was killed by ${signal}.`, `a handler of ${signal}`, 'the default action');
  const later = getCalls(run, undefined, process).filter((call) => call.seq > seq && call.name !== 'poll');
  const expected = `it ends after ${signal}`;
  if (later.length > within)
    return found(
      'went-on',
      `${who} was sent ${signal}, and made ${later.length} more calls.`,
      `${expected}, with at most ${within} more calls`,
      `${later.length} more calls`,
      later[within]!.seq,
    );
  const { exit } = run.trace.processes[process]!;
  const end = run.trace.events.find((event) => event.kind === 'exit' && event.process === process)?.seq;
  const dropped = run.messages.find(
    (message) =>
      message.format === drains &&
      drains !== undefined &&
      message.sentAt !== null &&
      message.sentAt < seq &&
      message.receivedAt === null,
  );
  if (exit && dropped)
    return found(
      'dropped',
      `${who} was sent ${signal}, and ended without taking the ${nameMessage(dropped)} that was in ${nameQueue(dropped.queue)} by then.`,
      `what is in the queue when ${signal} comes is still worked on`,
      'it was lost with the queue',
      end,
    );
  const wait = run.trace.end.waits.find((each) => each.process === process);
  const isStuck = run.trace.end.cause === 'deadlock' || run.trace.end.cause === 'idle';
  if (!exit && wait && isStuck)
    return found(
      'never-stopped',
      `${who} was sent ${signal}, its handler ran, and it never stopped: ${nameWait(run, wait)}.`,
      expected,
      'it waits for ever',
      later.at(-1)?.seq,
    );
  if (exit?.code === undefined || exit.code === code) return [];
  return found(
    'wrong-status',
    `${who} was sent ${signal}, and ended with ${nameExit(exit)}.`,
    `exit status ${code}`,
    nameExit(exit),
    end,
  );
}

/** Whoever is told to stop finishes what it has begun, and ends. */
export const stopsOnSignal = defineRule<Parameters, Code>({
  name: 'stops-on-signal',
  summary: 'A process that is told to stop finishes what it has begun, and ends',
  why: 'A handler that only sets a variable stops nobody: the program must look at it, and must not sleep when it is set already.',
  source: 'signal(7), Lecture: signal handlers',
  tested: {
    by: 'a handler of a signal that tells it to stop',
    isIn: (run, { role, signals }) => hasHandled(run, [role], signals),
  },
  codes,
  reasons: {
    killed: {
      why: 'A signal that a process neither handles nor ignores takes its default action, which for most is the end, without a chance to clean up.',
      source: 'signal(7), Lecture: disposition',
    },
    dropped: {
      why: 'Whoever sent that message did so while the process still served, and waits for an answer; when the queue goes, the message goes with it.',
      source: 'Lecture: message queues',
    },
  },
  hints: [
    'The handler has run. Who looks at what it has set, and when?',
    'Between the look at the variable and the call that sleeps, the signal may come, too; then nothing wakes that call.',
    'Let the handler itself end the wait: send a message to the queue that the program waits for, throw, abort the promise, or wait in sigsuspend with the signal blocked before.',
  ],
  example: '{ role: server, signals: [SIGTERM] }',
  parameters,
  check(run, wanted) {
    const told = run.trace.events.filter(
      (event): event is SignalEvent =>
        event.kind === 'signal' &&
        // A planned one may come before there was time to install a handler.
        (event.action === 'handler' || (event.action === 'killed' && event.placement === undefined)) &&
        wanted.signals.includes(event.signal) &&
        getRole(run, event.process) === wanted.role,
    );
    // A second one changes nothing.
    return told
      .filter(({ process }, index) => told.findIndex((each) => each.process === process) === index)
      .flatMap((each) => checkStop(run, each, wanted));
  },
});
