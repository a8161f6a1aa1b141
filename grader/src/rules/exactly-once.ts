import { z } from 'zod';
import { getName, getRole, isComplete, isSignalled, type Message, type Run } from '../model/run.js';
import { type Delivery, doneSchema, getDeliveries, isCutOff } from './deliveries.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasSent } from './tested.js';
import { nameMessage, nameQueue, takeEvents } from './words.js';

const parameters = z.strictObject({
  format: z.string().describe('Which messages: a name under `formats`'),
  from: z.string().optional().describe('Role that sends them'),
  to: z.string().optional().describe('Role that must receive them'),
  count: z.int().min(0).optional().describe('How many are sent in a run without a planned signal'),
  key: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      'Fields that make out an item: messages of one sender that agree in them are the same item, sent again, and one of them must be received',
    ),
  delivery: z
    .enum(['exactly', 'at-least', 'at-most'])
    .default('exactly')
    .describe(
      'exactly once; at-least once: an item may come twice, but one that a process took just before it was killed must come to another; at-most once: an item may be lost',
    ),
  done: doneSchema.optional(),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  lost: 'A message was sent and never received',
  'not-done': 'A message was received, and its receiver never worked on it',
  twice: 'An item was received, or worked on, twice',
  'not-sent': 'Fewer messages were sent than the lab asks for',
  extra: 'More messages were sent than the lab asks for',
  'wrong-receiver': 'A message was received by a role that it was not for',
  'received-own': 'A process received its own message',
};
type Code = keyof typeof codes;

/** Those who a message may be for: the process whose pid is its type, or all of the role, or anybody. */
function getAddressees(run: Run, { mtype }: Message, to: string | undefined): number[] {
  const { processes } = run.trace;
  const addressed = processes.findIndex(({ pid }) => pid === mtype);
  if (addressed >= 0) return [addressed];
  return processes.flatMap(({ role }, process) => (to === undefined || role === to ? [process] : []));
}

/** Who received it though it was not for him. */
function checkReceiver(run: Run, message: Message, to: string | undefined): Found<Code>[] {
  const { sender, receiver, sentAt, receivedAt } = message;
  if (receiver === null || sender === null) return [];
  const who = getName(run, receiver);
  const shown = { events: takeEvents(sentAt, receivedAt), processes: [receiver] };
  if (receiver === sender)
    return [
      {
        code: 'received-own',
        message: `${who} received the ${nameMessage(message)} that it had sent itself.`,
        expected: 'received by another process',
        actual: `sent and received by ${who}`,
        ...shown,
      },
    ];
  if (to === undefined || getRole(run, receiver) === to) return [];
  return [
    {
      code: 'wrong-receiver',
      message: `${who} received the ${nameMessage(message)} from ${getName(run, sender)}, which was for a ${to}.`,
      expected: `received by a ${to}`,
      actual: `received by ${who}`,
      ...shown,
    },
  ];
}

/** What never arrived. What went with one queue, or is left in it, has one cause and is told once. */
function checkLost(run: Run, items: readonly Message[][], { to, signalled, delivery }: Parameters): Found<Code>[] {
  if (delivery === 'at-most') return [];
  // In a run that was ended by us it may still have come, unless its queue was removed.
  const getRemoval = (queue: number): number | null => run.trace.queues[queue]?.removedAt ?? null;
  const lost = items.flatMap((item) => {
    const first = item[0]!;
    if (item.some(({ receiver }) => receiver !== null)) return [];
    if (!isComplete(run) && item.some(({ queue }) => getRemoval(queue) === null)) return [];
    return isExcused(run, signalled, [first.sender!, ...getAddressees(run, first, to)]) ? [] : [first];
  });
  const queues = [...new Set(lost.map(({ queue }) => queue))];
  return queues.map((queue) => {
    const [first, ...others] = lost.filter((message) => message.queue === queue) as [Message, ...Message[]];
    const removedAt = getRemoval(queue);
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    const it = others.length === 0 ? 'it was' : 'they were';
    return {
      code: 'lost',
      message: `Nobody received the ${nameMessage(first)} that ${getName(run, first.sender!)} sent to ${nameQueue(queue)}${more}${removedAt === null ? '' : `; ${it} destroyed with the queue`}.`,
      events: takeEvents(first.sentAt, removedAt),
      expected: 'received once',
      actual: 'never received',
      processes: [first.sender!],
    };
  });
}

/** Items that somebody took, and nobody worked on; those of one receiver are told once. */
function checkNotDone(
  run: Run,
  items: readonly Message[][],
  deliveries: readonly Delivery[][],
  { to, signalled, delivery, done }: Parameters,
): Found<Code>[] {
  // Whoever was ended by us might still have worked on it.
  if (delivery === 'at-most' || !isComplete(run) || (done === undefined && delivery === 'exactly')) return [];
  const owed = items.flatMap((item, index) => {
    const line = deliveries[index]!;
    const isDone = done === undefined ? line.some(({ message }) => !isCutOff(run, message)) : line.length > 0;
    const last = item.filter(({ receiver }) => receiver !== null).at(-1);
    if (isDone || !last) return [];
    return isExcused(run, signalled, [last.sender!, ...getAddressees(run, last, to)]) ? [] : [last];
  });
  return [...new Set(owed.map(({ receiver }) => receiver!))].map((receiver) => {
    const [first, ...others] = owed.filter((message) => message.receiver === receiver) as [Message, ...Message[]];
    const death = run.trace.events.find(({ kind, process }) => kind === 'exit' && process === receiver);
    const isKilled = run.trace.processes[receiver]!.exit?.signal !== undefined;
    const why = isKilled ? 'was killed before it had worked on it' : 'never worked on it';
    return {
      code: 'not-done',
      message: `${getName(run, receiver)} received the ${nameMessage(first)} of ${getName(run, first.sender!)} and ${why}${isKilled ? '; nobody else did' : ''}${others.length === 0 ? '' : ` (and ${others.length} more)`}.`,
      events: takeEvents(first.sentAt, first.receivedAt, isKilled ? death?.seq : null),
      expected: isKilled ? 'sent again, to one that is alive' : 'received and worked on',
      actual: 'received only',
      processes: [receiver],
    };
  });
}

function checkTwice(run: Run, deliveries: readonly Delivery[][], { delivery, done }: Parameters): Found<Code>[] {
  if (delivery === 'at-least') return [];
  const did = done === undefined ? 'received' : 'worked on';
  return deliveries.flatMap(([first, second]): Found<Code>[] => {
    if (!first || !second) return [];
    const [once, again] = [getName(run, first.process), getName(run, second.process)];
    const told = `the ${nameMessage(first.message)} of ${getName(run, first.message.sender!)}`;
    return [
      {
        code: 'twice',
        message: once === again ? `${once} ${did} ${told} twice.` : `${once} and ${again} both ${did} ${told}.`,
        events: takeEvents(first.seq, second.message.sentAt, second.seq),
        expected: `each item is ${did} once`,
        actual: `${did} twice`,
        processes: [...new Set([first.message.sender!, first.process, second.process])],
      },
    ];
  });
}

function checkCount(run: Run, sent: readonly Message[], { format, from, count }: Parameters): Found<Code>[] {
  const counted = sent.filter((message) => from === undefined || getRole(run, message.sender!) === from).length;
  if (count === undefined || counted === count || isSignalled(run)) return [];
  if (counted < count && !isComplete(run)) return [];
  return [
    {
      code: counted < count ? 'not-sent' : 'extra',
      message: `${counted === 0 ? 'No' : counted} ${format} message${counted === 1 ? ' was' : 's were'} sent${from === undefined ? '' : ` by ${from === 'main' ? from : `the ${from}`}`}.`,
      events: takeEvents(sent.at(-1)?.sentAt),
      expected: `${count} sent`,
      actual: `${counted} sent`,
      processes: [],
    },
  ];
}

/** Each message is received once, by a process that it is for. */
export const exactlyOnce = defineRule<Parameters, Code>({
  name: 'exactly-once',
  summary: 'Each message that is sent is received, once, by a process that it is for',
  why: 'A message stays in its queue until somebody receives it, or until the queue is removed, which destroys it.',
  source: 'msgrcv(2), Lecture 6: Message passing',
  tested: {
    by: 'a message that is sent',
    isIn: (run, { format }) => hasSent(run, format),
  },
  codes,
  reasons: {
    'received-own': {
      why: 'A queue does not know who a message is for: whoever asks for its type takes it, and then it is gone, even if it is the one who sent it.',
      source: 'msgrcv(2), Lecture 6: type == 0, type > 0, type < 0',
    },
    'wrong-receiver': {
      why: 'A queue does not know who a message is for: whoever asks for its type takes it, and then it is gone.',
      source: 'msgrcv(2), Lecture 6: type == 0, type > 0, type < 0',
    },
    twice: {
      why: 'Who sends a message again because no answer came cannot know whether the first one arrived; so the receiver must recognise what it has had.',
      source: 'Lecture 6: Acknowledgement messages',
    },
    'not-done': {
      why: 'A receive takes the message out of the queue: if the receiver dies with it, it is gone, unless the sender keeps it until it is acknowledged.',
      source: 'msgrcv(2), Lecture 6: Acknowledgement messages',
    },
  },
  hints: [
    'Follow one message: who has it after each call, and what becomes of it if that process ends there?',
    'Look at which type each msgrcv asks for, and at what is still in the queue when it is removed.',
    'Have each process ask for its own type alone, drain the queue before IPC_RMID, and send again what nobody has acknowledged, with a number by which the receiver knows it.',
  ],
  example:
    '{ format: item, key: [number], delivery: at-least, done: { output: "consumed {number}" }, signalled: check }',
  parameters,
  check(run, wanted) {
    const { format, to, key, signalled } = wanted;
    if (isExcused(run, signalled)) return [];
    const sent = run.messages.filter((message) => message.format === format && message.sender !== null);
    const items = key === undefined ? sent.map((message) => [message]) : groupItems(sent, key);
    const deliveries = getDeliveries(run, items, wanted.done);
    return [
      ...sent.flatMap((message) => checkReceiver(run, message, to)),
      ...checkLost(run, items, wanted),
      ...checkNotDone(run, items, deliveries, wanted),
      ...checkTwice(run, deliveries, wanted),
      ...checkCount(run, sent, wanted),
    ];
  },
});

/** Messages of one sender that agree in the fields. */
function groupItems(sent: readonly Message[], key: readonly string[]): Message[][] {
  const items = new Map<string, Message[]>();
  for (const message of sent) {
    const id = JSON.stringify([message.sender, ...key.map((field) => message.fields[field] ?? null)]);
    items.set(id, [...(items.get(id) ?? []), message]);
  }
  return [...items.values()];
}
