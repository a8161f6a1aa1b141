import type { CallName, ProcessExit, SignalEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getName, getRole, isAnyReached, isSignalled, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { nameExit, nameOutcome, takeEvents } from './words.js';

const code = z.int().min(0).max(255);
const allowance = z.strictObject({
  code,
  after: z
    .strictObject({
      call: z.string().describe('A call that the process made: msgget, msgrcv …'),
      error: z.string().optional().describe('… and that failed so: EEXIST, EIDRM …; or that did not fail: none'),
    })
    .describe('Only for a process that has met this'),
});
const expected = {
  code: code.describe('Exit status of a run in which nothing special happens'),
  codeIfSignalled: code
    .optional()
    .describe('Exit status instead, and no other, of a run in which a planned signal has reached a process'),
  or: z.array(allowance).default([]).describe('Other statuses that are right, too, for who has met something'),
  killedBy: z
    .array(z.string().regex(/^SIG[A-Z0-9]+$/, 'Expected the name of a signal: SIGTERM'))
    .default([])
    .describe('Signals by which it may be killed in any run, such as the one that tells it to stop'),
};
const parameters = z.strictObject({
  roles: z.record(
    z.string(),
    z.strictObject({
      ...expected,
      children: z.strictObject(expected).optional().describe('Of the processes that they fork'),
    }),
  ),
  signalled: z
    .union([z.literal('any'), z.array(code)])
    .default('any')
    .describe(
      'Also allowed in a run in which a planned signal has reached a process: any status, or these. Whoever the signal reached, and its relatives by fork, may be killed',
    ),
});
type Parameters = z.infer<typeof parameters>;

const BEFORE_WORK: readonly CallName[] = [
  ...(['msgget', 'msgctl', 'shmget', 'shmctl', 'semget', 'semctl'] as const),
  ...(['sigaction', 'sigprocmask', 'sigpending'] as const),
];
type Expected = Omit<Parameters['roles'][string], 'children'>;

const codes = {
  'wrong-code': 'A process ended with another exit status than it should',
  killed: 'A process was killed by a signal that it should have handled, or not have caused',
};
type Code = keyof typeof codes;

/** Signals by which the kernel answers to a mistake of the program itself; no plan excuses those. */
const CRASHES = new Set(['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGSYS', 'SIGTRAP']);

/** May it have been killed, because of a planned signal? */
function mayBeKilled(run: Run, process: number, killer: SignalEvent | undefined): boolean {
  if (killer?.from === 'kernel' && CRASHES.has(killer.signal)) return false;
  // By whoever was told to stop, too: it ends the others.
  return isAnyReached(run, typeof killer?.from === 'number' ? [process, killer.from] : [process]);
}

function checkKilled(run: Run, process: number, signal: string, wanted: Expected, ended: number[]): Found<Code>[] {
  const killer = run.trace.events.find(
    (event): event is SignalEvent => event.kind === 'signal' && event.process === process && event.action === 'killed',
  );
  if (wanted.killedBy.includes(signal) || mayBeKilled(run, process, killer)) return [];
  const from = killer?.from;
  const by =
    typeof from === 'number'
      ? `, sent by ${from === process ? 'itself' : getName(run, from)}`
      : from === 'scenario'
        ? ', by which it was told to stop'
        : '';
  return [
    {
      code: 'killed',
      message: `${getName(run, process)} was killed by ${signal}${by}.`,
      events: takeEvents(killer?.seq, ...ended),
      expected: `exit status ${wanted.code}`,
      actual: `killed by ${signal}`,
      processes: [process],
    },
  ];
}

function checkProcess(run: Run, process: number, exit: ProcessExit, { roles, signalled }: Parameters): Found<Code>[] {
  const record = run.trace.processes[process]!;
  const role = roles[record.role];
  const wanted = record.parent === null ? role : role?.children;
  if (!wanted) return [];
  const ended = run.trace.events.filter((event) => event.kind === 'exit' && event.process === process);
  const events = ended.map(({ seq }) => seq);
  if (exit.signal !== undefined) return checkKilled(run, process, exit.signal, wanted, events);
  const owed = isSignalled(run) ? wanted.codeIfSignalled : undefined;
  if (exit.code === (owed ?? wanted.code)) return [];
  if (owed === undefined && isSignalled(run) && (signalled === 'any' || signalled.includes(exit.code))) return [];
  const met = (call: string, error: string | undefined) =>
    getCalls(run, call, process).some((each) => error === undefined || (each.error ?? 'none') === error);
  if (wanted.or.some(({ code: other, after }) => other === exit.code && met(after.call, after.error))) return [];
  const failure = getCalls(run, undefined, process).findLast(({ error }) => error !== undefined);
  return [
    {
      code: 'wrong-code',
      message: `${getName(run, process)} ended with status ${exit.code}${failure ? ` after its ${nameOutcome(failure)}` : ''}.`,
      events: takeEvents(failure?.seq, ...events),
      expected: `exit status ${owed ?? wanted.code}`,
      actual: nameExit(exit),
      processes: [process],
    },
  ];
}

/** Each process ends with the status that says how it went. */
export const exitStatus = defineRule<Parameters, Code>({
  name: 'exit-status',
  summary: 'Each process ends with the exit status that says how it went',
  why: 'The exit status is all that a parent or a shell learns of a program’s success: 0 for success, anything else for failure.',
  source: 'exit(3), waitpid(2)',
  tested: {
    by: 'a program that does more than make and remove objects, or fails to, before it ends',
    isIn: (run, { roles }) =>
      getCalls(run).some(
        ({ process, name, error }) =>
          getRole(run, process) in roles && (error !== undefined || !BEFORE_WORK.includes(name)),
      ),
  },
  codes,
  reasons: {
    killed: {
      why: 'A signal that a process neither handles nor ignores takes its default action, which for most is the end, without a chance to clean up.',
      source: 'signal(7), Lecture 6: disposition',
    },
  },
  hints: [
    'How did each process end: by itself, by an exception, or by the default action of a signal?',
    'Look at each call that can fail, and which errors are an ordinary end, such as EIDRM; and at the disposition of each signal that may come.',
    'Register a handler before the signal can come, have it end the process with the status that the handout names, and set the status on every other way out, too.',
  ],
  example:
    '{ roles: { server: { code: 0, killedBy: [SIGTERM] }, client: { code: 0, or: [{ code: 2, after: { call: msgget, error: ENOENT } }] } } }',
  parameters,
  check: (run, wanted) =>
    run.trace.processes.flatMap(({ exit }, process) => (exit === null ? [] : checkProcess(run, process, exit, wanted))),
});
