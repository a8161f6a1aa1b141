import { z } from 'zod';
import { getName, getRole, isComplete, isSignalled, type Message, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
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
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  lost: 'A message was sent and never received',
  twice: 'An item was received twice',
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
function checkLost(run: Run, items: readonly Message[][], { to, signalled }: Parameters): Found<Code>[] {
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

function checkTwice(run: Run, items: readonly Message[][]): Found<Code>[] {
  return items.flatMap((item): Found<Code>[] => {
    const [first, second] = item
      .filter(({ receivedAt }) => receivedAt !== null)
      .toSorted((a, b) => a.receivedAt! - b.receivedAt!);
    if (!first || !second) return [];
    const [once, again] = [getName(run, first.receiver!), getName(run, second.receiver!)];
    const told = `the ${nameMessage(first)} of ${getName(run, first.sender!)}`;
    return [
      {
        code: 'twice',
        message: once === again ? `${once} received ${told} twice.` : `${once} and ${again} both received ${told}.`,
        events: takeEvents(first.receivedAt, second.sentAt, second.receivedAt),
        expected: 'each item is received once',
        actual: 'received twice',
        processes: [...new Set([first.sender!, first.receiver!, second.receiver!])],
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
      message: `${counted === 0 ? 'No' : counted} ${format} message${counted === 1 ? ' was' : 's were'} sent${from === undefined ? '' : ` by the ${from}`}.`,
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
  },
  parameters,
  check(run, wanted) {
    const { format, to, key, signalled } = wanted;
    if (isExcused(run, signalled)) return [];
    const sent = run.messages.filter((message) => message.format === format && message.sender !== null);
    const items = key === undefined ? sent.map((message) => [message]) : groupItems(sent, key);
    return [
      ...sent.flatMap((message) => checkReceiver(run, message, to)),
      ...checkLost(run, items, wanted),
      ...checkTwice(run, items),
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
