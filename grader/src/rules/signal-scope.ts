import type { CallEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getFamily, getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasCalled } from './tested.js';
import { nameByPid, takeEvents } from './words.js';

const signalName = z
  .string()
  .regex(/^SIG[A-Z0-9]+$/, 'Expected the name of a signal: SIGTERM')
  .meta({ examples: ['SIGTERM'] });

const parameters = z.strictObject({
  role: z.string().describe('Who sends'),
  to: z
    .record(z.string(), z.array(signalName))
    .describe(
      'Role, and the signals that it may be sent: { daemon: [SIGTERM, SIGHUP] }. Its own children, and itself, a process may send any; the null signal may go to whomever',
    ),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  broadcast: 'A signal was sent to a whole group, or to all processes',
  stranger: 'A signal was sent to a process that it was not for',
};
type Code = keyof typeof codes;

function checkKill(run: Run, call: CallEvent, { to }: Parameters): Found<Code>[] {
  const { args, process, target, seq } = call;
  const { pid = 0, signal = '0' } = args;
  const who = getName(run, process);
  if (pid <= 0)
    return [
      {
        code: 'broadcast',
        message: `${who} called kill with pid ${pid}, which is ${describeGroup(pid)}.`,
        events: takeEvents(seq),
        expected: 'the pid of one process',
        actual: `kill(${pid}, ${signal})`,
        processes: [process],
      },
    ];
  if (signal === '0') return [];
  const isOwn = target !== undefined && (target === process || getFamily(run, process).includes(target));
  if (isOwn || (target !== undefined && to[getRole(run, target)]?.includes(signal))) return [];
  const whom = nameByPid(run, pid);
  return [
    {
      code: 'stranger',
      message: `${who} sent ${signal} to ${whom}, which is not for it.`,
      events: takeEvents(seq),
      expected: Object.entries(to)
        .map(([role, signals]) => `${signals.join(', ')} to a ${role}`)
        .join('; '),
      actual: `${signal} to ${whom}`,
      processes: [process],
    },
  ];
}

function describeGroup(pid: number): string {
  if (pid === 0) return 'every process of its group, itself among them';
  return pid === -1 ? 'every process that it may signal' : `every process of group ${-pid}`;
}

/** Signals go to those whom they are for, one by one. */
export const signalScope = defineRule<Parameters, Code>({
  name: 'signal-scope',
  summary: 'Signals go to one process each, and to none but those whom they are for',
  why: 'kill does different things depending on its first argument: 0, −1 and other negative numbers mean many processes, and a number that was once the right pid may be somebody else’s by now.',
  source: 'kill(2), Lecture: registration',
  tested: {
    by: 'a signal that is sent',
    isIn: (run, { role }) => hasCalled(run, [role], ['kill']),
  },
  codes,
  hints: [
    'Whose number is it that kill is called with, and how do you know that it is still theirs?',
    'Process IDs are only relatively unique: that kill(pid, 0) succeeds says that somebody has that number, not who.',
    'Ask the one whom you mean by another way (a message that only it answers, with its pid) before you send it a signal; never pass 0 or a negative number.',
  ],
  example: '{ role: client, to: { server: [SIGTERM, SIGHUP] } }',
  parameters,
  check(run, wanted) {
    return getCalls(run, 'kill')
      .filter(({ process, error }) => getRole(run, process) === wanted.role && error === undefined)
      .flatMap((call) => checkKill(run, call, wanted))
      .filter(({ processes }) => !isExcused(run, wanted.signalled, processes));
  },
});
