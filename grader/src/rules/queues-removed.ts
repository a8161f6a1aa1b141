import type { CallEvent, QueueRecord } from '@ipclab/native/supervisor';
import { z } from 'zod';
import {
  getCalls,
  getContentsAt,
  getName,
  getRole,
  getSleepersAt,
  isComplete,
  isSignalled,
  type Run,
} from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { nameMessage, nameQueue, nameSelection } from './words.js';

const parameters = z.strictObject({
  by: z.string().optional().describe('Role that must remove them; any if not said'),
  once: z.boolean().default(false).describe('Is even trying to remove a queue twice a mistake?'),
  early: z
    .enum(['never', 'after-signal', 'always'])
    .default('after-signal')
    .describe(
      'When a queue may be removed while messages are in it or somebody sleeps on it: after a planned signal has reached a process, if not said',
    ),
  made: z.int().min(0).optional().describe('At least so many queues must be made in a run without a signal'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  left: 'A queue is left when every process is gone',
  'wrong-remover': 'A queue was removed by a process that should not',
  'too-early-pending': 'A queue was removed with messages in it',
  'too-early-waiting': 'A queue was removed while a process slept on it',
  twice: 'A process tried to remove a queue that was removed already',
  'decoy-removed': "A stranger's queue was removed",
  'not-made': 'Fewer queues were made than the lab asks for',
};

const removals = (run: Run, queue: number): CallEvent[] =>
  getCalls(run, 'msgctl').filter((call) => call.args.cmd === 'IPC_RMID' && call.queue === queue);

function checkRemoved(
  run: Run,
  queue: QueueRecord,
  index: number,
  { by, early }: Parameters,
): Found<keyof typeof codes>[] {
  const removal = removals(run, index).find(({ error }) => error === undefined);
  if (!removal || queue.removedAt === null) return [];
  const events = [...(queue.createdAt === null ? [] : [queue.createdAt]), removal.seq];
  const who = getName(run, removal.process);
  const processes = [removal.process];
  if (queue.creator === null)
    return [
      {
        code: 'decoy-removed',
        message: `${who} removed a queue that was there before and belongs to somebody else.`,
        events: [removal.seq],
        expected: 'only queues of the program itself are removed',
        actual: `the queue with key ${queue.key} is gone`,
        processes,
      },
    ];
  if (by !== undefined && getRole(run, removal.process) !== by)
    return [
      {
        code: 'wrong-remover',
        message: `${who} removed ${nameQueue(index)}; that is the task of the ${by}.`,
        events,
        expected: `removed by the ${by}`,
        actual: `removed by ${who}`,
        processes,
      },
    ];
  if (early === 'always' || (early === 'after-signal' && isSignalled(run, undefined, removal.seq))) return [];
  const sleepers = getSleepersAt(run, index, removal.seq);
  const sleeper = sleepers[0];
  if (sleeper)
    return [
      {
        code: 'too-early-waiting',
        message: `${who} removed ${nameQueue(index)} while ${getName(run, sleeper.process)} was still waiting for ${
          sleeper.name === 'msgrcv' ? nameSelection(sleeper.args.msgtyp ?? 0) : 'room'
        } in it; its ${sleeper.name} fails with ${sleeper.error ?? 'EIDRM'}.`,
        events: [removal.seq, sleeper.seq],
        expected: 'removed when nobody needs it any more',
        actual: `${getName(run, sleeper.process)} still needed it`,
        processes: [removal.process, sleeper.process],
      },
    ];
  const pending = getContentsAt(run, index, removal.seq);
  if (pending.length > 0)
    return [
      {
        code: 'too-early-pending',
        message: `${who} removed ${nameQueue(index)} with ${pending.length === 1 ? 'a message' : `${pending.length} messages`} still in it: ${nameMessage(pending[0]!)}.`,
        events: [...(pending[0]!.sentAt === null ? [] : [pending[0]!.sentAt]), removal.seq],
        expected: 'every message is received before the queue is removed',
        actual: 'removing it destroyed what was in it',
        processes,
      },
    ];
  return [];
}

function checkTwice(run: Run, index: number): Found<keyof typeof codes>[] {
  const [, second] = removals(run, index);
  if (!second) return [];
  return [
    {
      code: 'twice',
      message: `${getName(run, second.process)} tried to remove ${nameQueue(index)}, which was removed already.`,
      events: removals(run, index)
        .slice(0, 2)
        .map(({ seq }) => seq),
      expected: 'removed exactly once',
      actual: `a second IPC_RMID${second.error === undefined ? '' : ` (${second.error})`}`,
      processes: [second.process],
    },
  ];
}

function checkLeft(run: Run, queue: QueueRecord, index: number, { by }: Parameters): Found<keyof typeof codes>[] {
  const { creator, createdAt, pending } = queue;
  if (!queue.left || creator === null || !isComplete(run)) return [];
  const ended = run.trace.events.find(({ kind, process }) => kind === 'exit' && process === creator);
  const full = pending.length > 0 ? ` with ${pending.length} message(s) in it` : '';
  return [
    {
      code: 'left',
      message: `Every process has ended, and ${nameQueue(index)}, made by ${getName(run, creator)}, is still there${full}.`,
      events: [createdAt, run.signals[0]?.seq, ended?.seq].filter((seq) => seq !== null && seq !== undefined),
      expected: `removed with msgctl(…, IPC_RMID)${by === undefined ? '' : ` by the ${by}`}`,
      actual: 'left behind',
      processes: [creator],
    },
  ];
}

/** Every queue is removed: by whom, when, how often, and nothing left. */
export const queuesRemoved = defineRule<Parameters, keyof typeof codes>({
  name: 'queues-removed',
  summary: 'Every queue that the program makes is removed, by the right process, and not too early',
  why: 'A queue outlives the processes that use it, until it is removed with IPC_RMID; and removing it destroys its messages at once.',
  source: 'msgctl(2), Lecture 6: IPC_RMID',
  codes,
  parameters,
  check(run, wanted) {
    const { queues } = run.trace;
    const found: Found<keyof typeof codes>[] = queues.flatMap((queue, index): Found<keyof typeof codes>[] => [
      ...checkRemoved(run, queue, index, wanted),
      ...(wanted.once ? checkTwice(run, index) : []),
      ...checkLeft(run, queue, index, wanted),
    ]);
    const made = queues.filter(({ creator }) => creator !== null).length;
    if (wanted.made !== undefined && made < wanted.made && isComplete(run) && !isSignalled(run))
      found.push({
        code: 'not-made',
        message: made === 0 ? 'The program made no message queue.' : `The program made ${made} message queue(s).`,
        events: [],
        expected: `at least ${wanted.made} made with msgget`,
        actual: String(made),
        processes: [],
      });
    return found;
  },
});
