import type { CallEvent, SignalEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { hasHandled } from './tested.js';
import { nameExit, takeEvents } from './words.js';

const CALLS = ['msgrcv', 'msgsnd', 'semop', 'wait'] as const;

const parameters = z.strictObject({
  role: z.string().describe('Who is interrupted'),
  signals: z
    .array(
      z
        .string()
        .regex(/^SIG[A-Z0-9]+$/, 'Expected the name of a signal: SIGHUP')
        .meta({ examples: ['SIGHUP'] }),
    )
    .min(1)
    .describe('Signals after which it goes on with what it did; not those that tell it to stop'),
  calls: z
    .array(z.enum(CALLS))
    .min(1)
    .default([...CALLS])
    .describe('Which calls are made again'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'gave-up': 'A call was interrupted by a signal, and the process ended because of it',
  'not-retried': 'A call was interrupted by a signal, and never made again',
};
type Code = keyof typeof codes;

/** Of two calls of one name. */
const isSame = (one: CallEvent, other: CallEvent): boolean =>
  one.args.id === other.args.id && one.thread === other.thread;

/** Handlers that ran since the process came to the call. */
const listCauses = ({ trace }: Run, { process, arrived, seq }: CallEvent): SignalEvent[] =>
  trace.events.filter(
    (event): event is SignalEvent =>
      event.kind === 'signal' &&
      event.process === process &&
      event.action === 'handler' &&
      event.seq > arrived &&
      event.seq < seq,
  );

function checkCall(run: Run, call: CallEvent, { signals }: Parameters): Found<Code>[] {
  const { process, seq, name } = call;
  const causes = listCauses(run, call);
  // One that says stop may end it.
  if (causes.length === 0 || causes.some(({ signal }) => !signals.includes(signal))) return [];
  const isAgain = getCalls(run, name, process).some((later) => later.seq > seq && isSame(call, later));
  const { exit } = run.trace.processes[process]!;
  // Who has not ended may be waiting in the next one.
  if (isAgain || exit?.code === undefined) return [];
  const isStopped = run.trace.events.some(
    (event) => event.kind === 'signal' && event.process === process && event.seq > seq && event.action !== 'ignored',
  );
  if (isStopped) return [];
  const who = getName(run, process);
  const end = run.trace.events.find((event) => event.kind === 'exit' && event.process === process)?.seq;
  const isFailure = exit.code !== 0;
  return [
    {
      code: isFailure ? 'gave-up' : 'not-retried',
      message: isFailure
        ? `${who}'s ${name} was interrupted by ${causes[0]!.signal}, and it ended with ${nameExit(exit)}.`
        : `${who}'s ${name} was interrupted by ${causes[0]!.signal}, and it went on as if it had succeeded.`,
      events: takeEvents(causes[0]!.seq, seq, end),
      expected: `${name} again, for what it was to do is still to be done`,
      actual: 'it was not made again',
      processes: [process],
    },
  ];
}

/** A call that a signal interrupts has done nothing; it is made again. */
export const retriesEintr = defineRule<Parameters, Code>({
  name: 'retries-eintr',
  summary: 'A call that was interrupted by a signal is made again',
  why: 'EINTR is not a failure and not a message: it says that a handler has run before there was anything to do. msgrcv and msgsnd are never restarted by the kernel, whatever SA_RESTART says.',
  source: 'signal(7): Interruption of system calls and library functions by signal handlers',
  tested: {
    by: 'a handler that runs',
    isIn: (run, { role }) => hasHandled(run, [role]),
  },
  codes,
  hints: [
    'What has msgrcv received when it fails with EINTR?',
    'A blocking call that fails with EINTR has not done what it was called for, and nothing is broken either.',
    'Put the call into a loop that is left only when it succeeds, or fails with anything but EINTR; look there whether the handler has asked you to stop.',
  ],
  example: '{ role: server, signals: [SIGHUP] }',
  parameters,
  check(run, wanted) {
    const calls: readonly string[] = wanted.calls;
    return getCalls(run)
      .filter(
        ({ name, error, forced, process }) =>
          calls.includes(name) && error === 'EINTR' && !forced && getRole(run, process) === wanted.role,
      )
      .flatMap((call) => checkCall(run, call, wanted));
  },
});
