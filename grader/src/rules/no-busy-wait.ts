import type { CallEvent, CallName } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { hasCalled } from './tested.js';
import { nameByPid, nameQueue, takeEvents } from './words.js';

const KINDS = ['ipc', 'look', 'child', 'alive', 'key', 'sleep', 'pending'] as const;
type Kind = (typeof KINDS)[number];

const parameters = z.strictObject({
  roles: z.array(z.string()).min(1).optional().describe('Who must not poll; every role if not said'),
  max: z
    .int()
    .min(1)
    .default(3)
    .describe(
      'How often a process may ask for the same thing in vain, in a row; to look once before it sleeps is fine',
    ),
  polls: z
    .array(z.enum(KINDS))
    .min(1)
    .default(['ipc', 'look', 'child', 'sleep', 'pending'])
    .describe(
      'What is a poll. ipc: a call with IPC_NOWAIT that fails with EAGAIN or ENOMSG; look: IPC_STAT or GETVAL; child: a wait with WNOHANG that finds none; alive: kill with signal 0; key: a get that fails with ENOENT; sleep: to sleep for a while (and look at shared memory or a file, which is not seen); pending: sigpending',
    ),
  until: z
    .enum(['other', 'self'])
    .default('other')
    .describe(
      'What begins the count anew: whatever any process does; or only what the polling one does itself, so that it is also found if the others move between its polls. What it does itself is a message sent or received, a line printed, a signal, a sleep in a blocking call: all but polls and timers',
    ),
});
type Parameters = z.infer<typeof parameters>;

const WAITING: readonly CallName[] = ['msgrcv', 'msgsnd', 'semop', 'wait', 'pause', 'sigsuspend', 'sigtimedwait'];

const codes = {
  polls: 'A process asked for the same thing again and again, instead of sleeping until it comes',
  'busy-waiting': 'Those that were left only polled, without end',
};
type Code = keyof typeof codes;

/** What is asked for: two polls with one id ask for the same. */
interface Poll {
  kind: Kind;
  id: string;
}

/** Did the call ask for what is not there, and could be asked again at once? */
function getPoll({ name, args, error, result, forced, queue, semaphores }: CallEvent): Poll | null {
  const id = `${name} ${args.cmd ?? ''} ${queue ?? semaphores ?? args.id ?? args.key ?? args.pid ?? ''} ${args.msgtyp ?? ''}`;
  // A result that we forced tells nothing of what was there.
  if (forced) return null;
  if (name === 'sleep') return { kind: 'sleep', id: name };
  if (name === 'sigpending') return { kind: 'pending', id: name };
  if (args.cmd === 'IPC_STAT' || args.cmd === 'GETVAL') return { kind: 'look', id };
  if (name === 'wait') return args.flags?.includes('WNOHANG') && result === 0 ? { kind: 'child', id } : null;
  if (name === 'kill') return args.signal === '0' && error === undefined ? { kind: 'alive', id } : null;
  if (name.endsWith('get')) return error === 'ENOENT' ? { kind: 'key', id } : null;
  const isNowait =
    args.flags?.includes('IPC_NOWAIT') || args.operations?.some(({ flags }) => flags.includes('IPC_NOWAIT'));
  return isNowait && (error === 'EAGAIN' || error === 'ENOMSG') ? { kind: 'ipc', id } : null;
}

function namePoll(run: Run, { name, args, queue }: CallEvent, { kind }: Poll): string {
  const where = queue === undefined ? '' : ` of ${nameQueue(queue)}`;
  switch (kind) {
    case 'ipc':
      return `${name}${where} with IPC_NOWAIT`;
    case 'look':
      return `${name}${where} with ${args.cmd}`;
    case 'child':
      return 'wait with WNOHANG';
    case 'alive':
      return `kill of ${nameByPid(run, args.pid ?? 0)} with signal 0`;
    case 'key':
      return `${name} of a key that nobody had made`;
    case 'sleep':
      return 'a sleep';
    case 'pending':
      return 'sigpending';
  }
}

/** One process, and how often it has asked for each thing since the count began. */
interface Counts {
  polls: Map<string, number[]>;
  isTold: boolean;
}

function checkPolls(run: Run, { roles, max, polls, until }: Parameters): Found<Code>[] {
  const counts = run.trace.processes.map((): Counts => ({ polls: new Map(), isTold: false }));
  const clear = (process: number, kinds?: 'sleep') => {
    if (kinds === undefined) counts[process]!.polls.clear();
    else counts[process]!.polls.delete(kinds);
  };
  return run.trace.events.flatMap((event): Found<Code>[] => {
    const { process, seq, kind } = event;
    if (until === 'other') for (const other of counts.keys()) if (other !== process) clear(other);
    const own = counts[process]!;
    const poll = kind === 'call' ? getPoll(event) : null;
    if (kind !== 'call' || !poll) {
      // The event loop of an asynchronous program, which sleeps for a timer between its polls.
      if (kind !== 'call' || event.name !== 'poll') clear(process);
      return [];
    }
    if (!polls.includes(poll.kind) || (roles && !roles.includes(getRole(run, process)))) return [];
    // Who sleeps between two other polls is told of these.
    if (poll.kind !== 'sleep') clear(process, 'sleep');
    const seqs = [...(own.polls.get(poll.id) ?? []), seq];
    own.polls.set(poll.id, seqs);
    if (seqs.length <= max || own.isTold) return [];
    own.isTold = true;
    const what = namePoll(run, event, poll);
    return [
      {
        code: 'polls',
        message: `${getName(run, process)} made the same call, ${what}, ${seqs.length} times in vain, and did nothing else in between.`,
        events: takeEvents(seqs[0], seqs[1], seq),
        expected:
          max === 1
            ? 'asks once, then sleeps in a blocking call'
            : `asks at most ${max} times in a row, then sleeps in a blocking call`,
        actual: `asked ${seqs.length} times in a row`,
        processes: [process],
      },
    ];
  });
}

/** Who waits sleeps in a blocking call. */
export const noBusyWait = defineRule<Parameters, Code>({
  name: 'no-busy-wait',
  summary: 'A process that waits sleeps in a blocking call; it does not ask again and again',
  why: 'A process that asks in a loop takes the processor from those that could bring what it waits for; a blocking call sleeps, and is woken when it comes.',
  source: 'msgrcv(2), Lecture 6: Synchronous Receive',
  tested: {
    by: 'a system call that can wait',
    isIn: (run, { roles }) => hasCalled(run, roles, WAITING),
  },
  codes,
  hints: [
    'What does this process do between two of these calls, and who needs the processor meanwhile?',
    'Which call sleeps until it can do its work, and by which flag does it return at once instead?',
    'Leave out IPC_NOWAIT (or WNOHANG) where there is nothing else to do; with a time-out, set an alarm and take EINTR as its end.',
  ],
  example: '{ max: 2, until: self }',
  parameters,
  check(run, wanted) {
    const found = checkPolls(run, wanted);
    const { cause, process, detail } = run.trace.end;
    if (cause !== 'busy-waiting' || process === undefined) return found;
    if (wanted.roles && !wanted.roles.includes(getRole(run, process))) return found;
    const last = run.trace.events.findLast((event) => event.process === process && event.kind === 'call');
    const ending: Found<Code> = {
      code: 'busy-waiting',
      message: `${getName(run, process)} polled until we ended the run (${detail ?? 'very often'}): nobody was left to bring what it asked for.`,
      events: takeEvents(last?.seq),
      expected: 'sleeps in a blocking call',
      actual: 'polls without end',
      processes: [process],
    };
    // It is the same loop, seen to its end.
    return [...found.filter(({ processes }) => processes[0] !== process), ending];
  },
});
