import type { ProcessExit } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getName, isSignalled, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { nameExit, nameOutcome } from './words.js';

const code = z.int().min(0).max(255);
const allowance = z.strictObject({
  code,
  after: z
    .strictObject({
      call: z.string().describe('A call that the process made: msgget, msgrcv …'),
      error: z.string().optional().describe('… and that failed so: EEXIST, EIDRM …'),
    })
    .describe('Only for a process that has met this'),
});
const expected = {
  code: code.describe('Exit status of a run in which nothing special happens'),
  or: z.array(allowance).default([]),
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
      'Allowed for a process that a planned signal has reached, beside being killed by it; and in such a run for its relatives and peers',
    ),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'wrong-code': 'A process ended with another exit status than it should',
  killed: 'A process was killed by a signal that it caused itself',
};

function checkProcess(
  run: Run,
  process: number,
  exit: ProcessExit,
  { roles, signalled }: Parameters,
): Found<keyof typeof codes>[] {
  const record = run.trace.processes[process]!;
  const role = roles[record.role];
  const wanted = record.parent === null ? role : role?.children;
  if (!wanted) return [];
  if (isSignalled(run) && (signalled === 'any' || exit.signal !== undefined || signalled.includes(exit.code)))
    return [];
  const ended = run.trace.events.find((event) => event.kind === 'exit' && event.process === process);
  const events = ended ? [ended.seq] : [];
  const who = getName(run, process);
  if (exit.signal !== undefined) {
    const killer = run.trace.events.find(
      (event) => event.kind === 'signal' && event.process === process && event.action === 'killed',
    );
    return [
      {
        code: 'killed',
        message: `${who} was killed by ${exit.signal}${killer?.kind === 'signal' && typeof killer.from === 'number' && killer.from !== process ? `, sent by ${getName(run, killer.from)}` : ''}.`,
        events: [...(killer ? [killer.seq] : []), ...events],
        expected: `exit status ${wanted.code}`,
        actual: nameExit(exit),
        processes: [process],
      },
    ];
  }
  if (exit.code === wanted.code) return [];
  const met = (call: string, error: string | undefined) =>
    getCalls(run, call, process).some((each) => error === undefined || each.error === error);
  if (wanted.or.some(({ code: other, after }) => other === exit.code && met(after.call, after.error))) return [];
  const failure = getCalls(run, undefined, process).findLast(({ error }) => error !== undefined);
  return [
    {
      code: 'wrong-code',
      message: `${who} ended with status ${exit.code}${failure ? ` after its ${nameOutcome(failure)}` : ''}.`,
      events: [...(failure ? [failure.seq] : []), ...events],
      expected: `exit status ${wanted.code}`,
      actual: nameExit(exit),
      processes: [process],
    },
  ];
}

/** Each process ends with the status that says how it went. */
export const exitStatus = defineRule<Parameters, keyof typeof codes>({
  name: 'exit-status',
  summary: 'Each process ends with the exit status that says how it went',
  why: 'The exit status is all that a parent or a shell learns of a program’s success: 0 for success, anything else for failure.',
  source: 'exit(3), waitpid(2)',
  codes,
  parameters,
  check: (run, wanted) =>
    run.trace.processes.flatMap(({ exit }, process) => (exit === null ? [] : checkProcess(run, process, exit, wanted))),
});
