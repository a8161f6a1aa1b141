import { z } from 'zod';
import { getContentsAt, getName, getRole } from '../model/run.js';
import { defineRule } from './rule.js';
import { hasSent } from './tested.js';
import { nameMessage, nameQueue, takeEvents } from './words.js';

const parameters = z.strictObject({
  receiver: z.string().describe('Role that must take the more urgent first'),
  format: z.string().describe('Which messages: a name under `formats`; their mtype is the priority'),
  order: z.enum(['lowest-first', 'highest-first']).default('lowest-first').describe('Which mtype is the more urgent'),
});

const codes = { overtaken: 'A less urgent message was taken while a more urgent one was waiting in the queue' };

/** Whenever both wait, the more urgent is taken first. */
export const priorityOrder = defineRule<z.infer<typeof parameters>, keyof typeof codes>({
  name: 'priority-order',
  summary: 'Whenever an urgent and a less urgent message wait, the urgent one is received first',
  why: 'msgrcv with a negative type takes the first message of the lowest type up to its absolute value; with type 0 it takes the oldest, whatever its type.',
  source: 'msgrcv(2), Lecture 6: type < 0',
  tested: {
    by: 'a message that is sent',
    isIn: (run, { format }) => hasSent(run, format),
  },
  codes,
  hints: [
    'When both kinds of message wait, which does your msgrcv take?',
    'Of type == 0, type > 0 and type < 0, one alone looks at all types up to a number and takes the lowest first.',
    'Receive with the negative of the highest type that you want, msgrcv(queue, size, -2); do so for each message anew, and take none in advance.',
  ],
  example: '{ receiver: server, format: request, order: lowest-first }',
  parameters,
  check(run, { receiver, format, order }) {
    const sign = order === 'lowest-first' ? 1 : -1;
    const told = new Set<number>();
    const received = run.messages
      .filter((message) => message.format === format && message.receivedAt !== null)
      .toSorted((a, b) => a.receivedAt! - b.receivedAt!);
    return received.flatMap((taken) => {
      const process = taken.receiver!;
      if (getRole(run, process) !== receiver || told.has(process)) return [];
      const [waiting] = getContentsAt(run, taken.queue, taken.receivedAt!)
        .filter((other) => other.format === format)
        .toSorted((a, b) => sign * (a.mtype - b.mtype));
      if (!waiting || sign * (waiting.mtype - taken.mtype) >= 0) return [];
      // What a process does once it does again: its first time tells all.
      told.add(process);
      return [
        {
          code: 'overtaken' as const,
          message: `${getName(run, process)} took the ${nameMessage(taken)} from ${nameQueue(taken.queue)} while the more urgent ${nameMessage(waiting)} was waiting there.`,
          events: takeEvents(taken.sentAt, waiting.sentAt, taken.receivedAt),
          expected: `type ${waiting.mtype} is taken before type ${taken.mtype}`,
          actual: `type ${taken.mtype} was taken first`,
          processes: [process],
        },
      ];
    });
  },
});
