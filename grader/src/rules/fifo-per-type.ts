import { z } from 'zod';
import { getName } from '../model/run.js';
import { type Pair, pairingParameters, pairMessages } from './pairing.js';
import { defineRule } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasSent } from './tested.js';
import { nameMessage, takeEvents } from './words.js';

const parameters = z.strictObject({ ...pairingParameters, signalled: signalledSchema });

const codes = { 'out-of-order': 'A later request was answered before an earlier one of the same type' };

/** Did the process that answered this one early answer it before an earlier one, of the same queue and type, that it had taken too? */
const isOvertaken = (early: Pair, late: Pair): boolean =>
  late.reply.sentAt! > early.reply.sentAt! &&
  late.reply.sender === early.reply.sender &&
  late.request.queue === early.request.queue &&
  late.request.mtype === early.request.mtype &&
  (late.request.sentAt ?? -1) < (early.request.sentAt ?? -1);

/** Requests of one type are answered in the order in which they were sent. */
export const fifoPerType = defineRule<z.infer<typeof parameters>, keyof typeof codes>({
  name: 'fifo-per-type',
  summary: 'A process answers requests of one type in the order in which they were sent',
  why: 'A queue gives out the messages of one type first in, first out; whoever handles them must keep that order.',
  source: 'msgrcv(2)',
  tested: {
    by: 'a request that is sent',
    isIn: (run, { request }) => hasSent(run, request),
  },
  codes,
  hints: [
    'Who could overtake a request between its msgsnd and its reply?',
    'The queue itself keeps the order of messages of one type. Look at what your program does with those that it has received: does it put any aside, or work on several at once?',
    'Receive one request, answer it, and only then receive the next; if you keep requests in a list, take the oldest of that type first.',
  ],
  example: '{ request: request, reply: reply, match: { sequence: sequence } }',
  parameters,
  check(run, { signalled, ...pairing }) {
    if (isExcused(run, signalled)) return [];
    const told = new Set<number>();
    const { pairs } = pairMessages(run, pairing);
    return pairs
      .toSorted((a, b) => a.reply.sentAt! - b.reply.sentAt!)
      .flatMap((early) => {
        const answerer = early.reply.sender!;
        const late = pairs.find((other) => isOvertaken(early, other));
        if (!late || told.has(answerer) || isExcused(run, signalled, [answerer])) return [];
        // What a process does once it does again: its first time tells all.
        told.add(answerer);
        return [
          {
            code: 'out-of-order' as const,
            message: `${getName(run, answerer)} answered the ${nameMessage(early.request)} before the ${nameMessage(late.request)}, which was sent earlier.`,
            events: takeEvents(late.request.sentAt, early.request.sentAt, early.reply.sentAt),
            expected: 'first in, first out within a type',
            actual: 'the later one was answered first',
            processes: [answerer],
          },
        ];
      });
  },
});
