import { z } from 'zod';
import { getName, isSignalled } from '../model/run.js';
import { type Pair, pairMessages } from './pairing.js';
import { defineRule } from './rule.js';
import { nameMessage } from './words.js';

const parameters = z.strictObject({
  request: z.string().describe('Format of the requests'),
  reply: z.string().describe('Format of the replies'),
  match: z
    .record(z.string(), z.string())
    .default({})
    .describe('Fields that are equal in a request and its reply: request’s name: reply’s name'),
  signalled: z
    .enum(['check', 'skip'])
    .default('skip')
    .describe('Must it hold, too, when a planned signal has reached a process?'),
});

const codes = { 'out-of-order': 'A later request was answered before an earlier one of the same type' };

/** Requests of one type are answered in the order in which they were sent. */
export const fifoPerType = defineRule<z.infer<typeof parameters>, keyof typeof codes>({
  name: 'fifo-per-type',
  summary: 'Requests of one type are answered in the order in which they were sent',
  why: 'A queue gives out the messages of one type first in, first out; whoever handles them must keep that order.',
  source: 'msgrcv(2)',
  codes,
  parameters,
  check(run, { signalled, ...pairing }) {
    if (signalled === 'skip' && isSignalled(run)) return [];
    const { pairs } = pairMessages(run, pairing);
    const byReply = pairs.toSorted((a, b) => a.reply.sentAt! - b.reply.sentAt!);
    return byReply.flatMap((later: Pair, index) => {
      const overtaken = byReply
        .slice(index + 1)
        .find(
          ({ request }) =>
            request.queue === later.request.queue &&
            request.mtype === later.request.mtype &&
            (request.sentAt ?? -1) < (later.request.sentAt ?? -1),
        );
      if (!overtaken) return [];
      const answerer = later.reply.sender!;
      return [
        {
          code: 'out-of-order' as const,
          message: `${getName(run, answerer)} answered the ${nameMessage(later.request)} before the ${nameMessage(overtaken.request)}, which was sent earlier.`,
          events: [overtaken.request.sentAt, later.request.sentAt, later.reply.sentAt].filter(
            (seq): seq is number => seq !== null,
          ),
          expected: 'first in, first out within a type',
          actual: 'the later one was answered first',
          processes: [answerer],
        },
      ];
    });
  },
});
