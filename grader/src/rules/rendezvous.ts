import { z } from 'zod';
import { getName, getRole, isComplete, type Message, type Run } from '../model/run.js';
import { quoteText } from '../model/text.js';
import { isSame } from './acks.js';
import { linePattern } from './pattern.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasSent } from './tested.js';
import { nameMessage, takeEvents } from './words.js';

const parameters = z.strictObject({
  format: z.string().describe('Which messages are sent synchronously: a name under `formats`'),
  from: z.string().optional().describe('Role that sends them'),
  to: z.string().optional().describe('Role that must have received it; any process but the sender if not said'),
  before: z
    .union([
      z.strictObject({
        output: z
          .string()
          .refine(linePattern.isUsable, 'Expected a line, or a regular expression between slashes')
          .describe('It prints this line, once for each message, when the send is over'),
      }),
      z.strictObject({
        send: z
          .string()
          .describe('It sends a message of this format, once for each; or the next, if it is the format itself'),
      }),
      z.strictObject({ exit: z.literal(true).describe('It ends') }),
    ])
    .describe(
      'The message must be received before its sender does this, by which it is seen that the sender has gone on: msgsnd itself returns when the message is in the queue',
    ),
  resend: z
    .boolean()
    .default(false)
    .describe('May a sender send the same message again before the next? Then it is enough that one copy is received'),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'too-soon': 'The sender went on before its message was received',
  'never-received': 'The sender went on, and its message was never received',
};
type Code = keyof typeof codes;

/** An event by which a sender is seen to have gone on, and how many of its messages are over by then, in its view. */
interface Step {
  seq: number;
  over: number;
  /** `printed "sent 1"`. */
  what: string;
}

/** Messages of one sender; copies of one that were sent one after another are one. */
function groupItems(sent: readonly Message[], resend: boolean): Message[][] {
  const items: Message[][] = [];
  for (const message of sent) {
    const last = items.at(-1);
    if (resend && last && isSame(last[0]!, message)) last.push(message);
    else items.push([message]);
  }
  return items;
}

function getSteps(run: Run, sender: number, items: readonly Message[][], { format, before: step }: Parameters): Step[] {
  const own = run.trace.events.filter(({ process }) => process === sender);
  if ('exit' in step)
    return own.flatMap(({ kind, seq }) => (kind === 'exit' ? [{ seq, over: items.length, what: 'ended' }] : []));
  if ('send' in step && step.send === format)
    return items.map(([message], index) => ({
      seq: message!.sentAt!,
      over: index,
      what: `sent the ${nameMessage(message!)}`,
    }));
  if ('send' in step)
    return run.messages
      .filter((message) => message.format === step.send && message.sender === sender)
      .toSorted((a, b) => a.sentAt! - b.sentAt!)
      .map((message, index) => ({ seq: message.sentAt!, over: index + 1, what: `sent the ${nameMessage(message)}` }));
  return own
    .flatMap((event) =>
      event.kind === 'output'
        ? event.text
            .split(/\r?\n/)
            .flatMap((text) =>
              linePattern.isMatch(step.output, text) ? [{ seq: event.seq, what: `printed ${quoteText(text)}` }] : [],
            )
        : [],
    )
    .map((line, index) => ({ ...line, over: index + 1 }));
}

/** A synchronous send is over when the message is received, not when it is in the queue. */
export const rendezvous = defineRule<Parameters, Code>({
  name: 'rendezvous',
  summary: 'A sender that sends synchronously goes on only after its message was received',
  why: 'In a synchronous send the sender is blocked until the message is received; msgsnd alone is asynchronous: it returns when the message lies in the queue.',
  source: 'msgsnd(2), Lecture 6: Synchronous Send',
  tested: {
    by: 'a message that is sent',
    isIn: (run, { format }) => hasSent(run, format),
  },
  codes,
  hints: [
    'When msgsnd has returned, where is the message: in the queue, or with the receiver?',
    'Nothing but a message from the receiver can tell the sender that its own was received.',
    'After msgsnd, wait in msgrcv for an acknowledgement that the receiver sends after its msgrcv; only then go on.',
  ],
  example: '{ format: item, from: main, before: { output: "/sent [0-9]+/" } }',
  parameters,
  check(run, wanted) {
    const { format, from, to, resend, signalled } = wanted;
    const sent = run.messages
      .filter((message) => message.format === format && message.sender !== null)
      .toSorted((a, b) => a.sentAt! - b.sentAt!);
    const getReceivedAt = (item: readonly Message[]): number =>
      Math.min(
        ...item.map(({ sender, receiver, receivedAt }) =>
          receiver === null || receiver === sender || (to !== undefined && getRole(run, receiver) !== to)
            ? Infinity
            : receivedAt!,
        ),
      );
    // What a process does once it does again: its first time tells all.
    return [...new Set(sent.map(({ sender }) => sender!))].flatMap((sender): Found<Code>[] => {
      if (from !== undefined && getRole(run, sender) !== from) return [];
      const items = groupItems(
        sent.filter((message) => message.sender === sender),
        resend,
      );
      for (const { seq, over, what } of getSteps(run, sender, items, wanted)) {
        const out = items.filter(([first]) => first!.sentAt! < seq);
        const waiting = out.filter((item) => getReceivedAt(item) > seq);
        // Which of those that are out it means does not matter: too few of them are received.
        if (out.length - waiting.length >= Math.min(over, out.length)) continue;
        const first = waiting[0]![0]!;
        const receivedAt = getReceivedAt(waiting[0]!);
        if (isExcused(run, signalled, first.receiver === null ? [sender] : [sender, first.receiver])) return [];
        const isNever =
          receivedAt === Infinity && (isComplete(run) || typeof run.trace.queues[first.queue]?.removedAt === 'number');
        const whom = to === undefined ? '' : ` by a ${to}`;
        return [
          {
            code: isNever ? 'never-received' : 'too-soon',
            message: isNever
              ? `${getName(run, sender)} ${what}, but its ${nameMessage(first)} was never received${to === undefined ? ' by another process' : whom}.`
              : `${getName(run, sender)} ${what} before its ${nameMessage(first)} was received${whom}.`,
            events: takeEvents(first.sentAt, seq, receivedAt === Infinity ? null : receivedAt),
            expected: 'sent, received, and only then does the sender go on',
            actual: isNever ? 'sent, gone on, never received' : 'sent, gone on, not received yet',
            processes: [sender],
          },
        ];
      }
      return [];
    });
  },
});
