import { z } from 'zod';
import { getName, getRole, isComplete, isSignalled, type Message } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { nameMessage, nameQueue } from './words.js';

const parameters = z.strictObject({
  format: z.string().describe('Which messages: a name under `formats`'),
  from: z.string().optional().describe('Role that sends them'),
  to: z.string().optional().describe('Role that must receive them'),
  count: z.int().min(0).optional().describe('How many are sent in a run'),
  signalled: z
    .enum(['check', 'skip'])
    .default('skip')
    .describe('Must it hold, too, when a planned signal has reached a process?'),
});

const codes = {
  lost: 'A message was sent and never received',
  'not-sent': 'Fewer messages were sent than the lab asks for',
  extra: 'More messages were sent than the lab asks for',
  'wrong-receiver': 'A message was received by a role that it was not for',
  'received-own': 'A process received its own message',
};

/** Each message is received once, by a process that it is for. */
export const exactlyOnce = defineRule<z.infer<typeof parameters>, keyof typeof codes>({
  name: 'exactly-once',
  summary: 'Each message that is sent is received, once, by a process that it is for',
  why: 'A message stays in its queue until somebody receives it, and then it is gone: nobody else can receive it.',
  source: 'msgrcv(2), Lecture 6: Message passing',
  codes,
  parameters,
  check(run, { format, from, to, count, signalled }) {
    if (signalled === 'skip' && isSignalled(run)) return [];
    const sent = run.messages.filter((message) => message.format === format && message.sender !== null);
    const at = (...seqs: (number | null)[]) => seqs.filter((seq): seq is number => seq !== null);
    const found: Found<keyof typeof codes>[] = sent.flatMap((message: Message): Found<keyof typeof codes>[] => {
      const sender = getName(run, message.sender!);
      if (message.receiver === null) {
        // In a run that was ended it may still have come.
        if (!isComplete(run)) return [];
        const removedAt = run.trace.queues[message.queue]?.removedAt ?? null;
        return [
          {
            code: 'lost',
            message: `Nobody received the ${nameMessage(message)} that ${sender} sent to ${nameQueue(message.queue)}${removedAt === null ? '' : '; it was destroyed with the queue'}.`,
            events: at(message.sentAt, removedAt),
            expected: 'received once',
            actual: 'never received',
            processes: [message.sender!],
          },
        ];
      }
      const receiver = getName(run, message.receiver);
      if (message.receiver === message.sender)
        return [
          {
            code: 'received-own',
            message: `${receiver} received the ${nameMessage(message)} that it had sent itself.`,
            events: at(message.sentAt, message.receivedAt),
            expected: 'received by another process',
            actual: `sent and received by ${receiver}`,
            processes: [message.receiver],
          },
        ];
      if (to !== undefined && getRole(run, message.receiver) !== to)
        return [
          {
            code: 'wrong-receiver',
            message: `${receiver} received the ${nameMessage(message)} from ${sender}, which was for a ${to}.`,
            events: at(message.sentAt, message.receivedAt),
            expected: `received by a ${to}`,
            actual: `received by ${receiver}`,
            processes: [message.receiver],
          },
        ];
      return [];
    });
    const counted = sent.filter((message) => from === undefined || getRole(run, message.sender!) === from).length;
    if (count !== undefined && (counted > count || (counted < count && isComplete(run))))
      found.push({
        code: counted < count ? 'not-sent' : 'extra',
        message: `${counted === 0 ? 'No' : counted} ${format} message${counted === 1 ? ' was' : 's were'} sent${from === undefined ? '' : ` by the ${from}`}.`,
        events: at(...sent.map(({ sentAt }) => sentAt)).slice(-1),
        expected: `${count} sent`,
        actual: `${counted} sent`,
        processes: [],
      });
    return found;
  },
});
