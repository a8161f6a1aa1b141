import { z } from 'zod';
import { getContentsAt, getName, getRole } from '../model/run.js';
import { defineRule } from './rule.js';
import { nameMessage, nameQueue } from './words.js';

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
  codes,
  parameters,
  check(run, { receiver, format, order }) {
    const sign = order === 'lowest-first' ? 1 : -1;
    return run.messages.flatMap((taken) => {
      if (
        taken.format !== format ||
        taken.receiver === null ||
        taken.receivedAt === null ||
        getRole(run, taken.receiver) !== receiver
      )
        return [];
      const waiting = getContentsAt(run, taken.queue, taken.receivedAt)
        .filter((other) => other.format === format && other.index !== taken.index)
        .toSorted((a, b) => sign * (a.mtype - b.mtype))[0];
      if (!waiting || sign * (waiting.mtype - taken.mtype) >= 0) return [];
      const who = getName(run, taken.receiver);
      return [
        {
          code: 'overtaken' as const,
          message: `${who} took the ${nameMessage(taken)} from ${nameQueue(taken.queue)} while the more urgent ${nameMessage(waiting)} was waiting there.`,
          events: [taken.sentAt, waiting.sentAt, taken.receivedAt].filter((seq): seq is number => seq !== null),
          expected: `type ${waiting.mtype} is taken before type ${taken.mtype}`,
          actual: `type ${taken.mtype} was taken first`,
          processes: [taken.receiver],
        },
      ];
    });
  },
});
