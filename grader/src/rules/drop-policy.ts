import type { CallEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getContentsAt, getName, isComplete, type Run } from '../model/run.js';
import { getItems, getReceived, getRefusals, isOverlapping, type Item } from './drop-items.js';
import { capacitySchema, isOverfull, wasFull } from './fullness.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasSent } from './tested.js';
import { nameMessage, nameQueue, takeEvents } from './words.js';

const parameters = z.strictObject({
  policy: z
    .enum(['wait', 'overwrite-oldest', 'discard-newest'])
    .describe(
      'What a sender does when the queue is full: sleep until there is room; take the oldest message out and send; or give up the new message',
    ),
  format: z.string().describe('Which messages are the items: a name under `formats`'),
  number: z.string().describe('Field in which each sender numbers its items, one by one, those that it gives up too'),
  first: z.int().default(1).describe('Number of the first item; what has a smaller one is no item (an end mark)'),
  count: z.int().min(1).optional().describe('How many items each sender makes; what has a greater number is no item'),
  from: z.string().optional().describe('Role that sends them'),
  to: z
    .string()
    .optional()
    .describe(
      'Role that receives them; if not said, every process that sends none. Whoever else takes one, overwrites it',
    ),
  capacity: capacitySchema.optional(),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  lost: 'An item was given up, or lost, that the policy keeps',
  kept: 'An item was kept that the policy gives up',
  'out-of-order': 'A later item came before an earlier one',
  blocked: 'A sender slept for room, and the policy is not to wait',
  'too-long': 'The queue held more than it may',
};
type Code = keyof typeof codes;

const POLICIES: Readonly<Record<Parameters['policy'], string>> = {
  wait: 'nothing is given up: a sender waits for room',
  'overwrite-oldest': 'if the queue is full, its oldest message makes room for the new one',
  'discard-newest': 'if the queue is full, the new message is given up and the old ones stay',
};

/** Did it only try again? To try twice before it takes one out, or to look first whether there is room, is no harm. */
const isPolling = (run: Run, { sender, queue, sentAt }: Item, refusals: readonly CallEvent[]): boolean =>
  refusals.length > 1 &&
  !getCalls(run, undefined, sender).some(
    ({ name, seq, queue: of }) =>
      of === queue && (name === 'msgrcv' || name === 'msgctl') && seq > refusals[0]!.seq && seq < sentAt,
  );

/** What a sender did about items that found no room: by the numbers that are missing, and by attempts that failed. */
function checkGivenUp(run: Run, items: readonly Item[], wanted: Parameters): Found<Code>[] {
  const { policy, first, count, capacity, number } = wanted;
  const { sender } = items[0]!;
  if (isOverlapping(run, sender)) return [];
  const who = getName(run, sender);
  let [last, since] = [first - 1, run.trace.events.find(({ process }) => process === sender)?.seq ?? -1];
  const tell = (code: Code, message: string, events: number[], actual: string): Found<Code>[] => [
    { code, message, events, expected: POLICIES[policy], actual, processes: [sender] },
  ];
  const check = (item: Item, next: number, until: number): Found<Code>[] => {
    const refusals = getRefusals(run, item, since, until);
    const missing = next - last - 1;
    const shown = takeEvents(refusals[0]?.seq, until === Infinity ? null : until);
    const which =
      missing === 1 ? `the item with ${number} ${last + 1}` : `the items with ${number} ${last + 1} to ${next - 1}`;
    const isKnown = policy === 'discard-newest' && (refusals.length > 0 || wasFull(run, item, capacity, since, until));
    if (missing > 0 && !isKnown)
      return tell(
        'lost',
        `${who} gave up ${which}${policy === 'discard-newest' ? `, while ${nameQueue(item.queue)} had room` : ''}.`,
        takeEvents(since, ...shown),
        `${which} never sent`,
      );
    if (until === Infinity) return [];
    if (policy === 'overwrite-oldest' && isPolling(run, item, refusals))
      return tell(
        'kept',
        `${who} tried to send the ${nameMessage(item)} until there was room, instead of taking out the oldest.`,
        shown,
        'refused again and again, and nothing taken out',
      );
    if (policy !== 'discard-newest' || refusals.length <= missing) return [];
    return tell(
      'kept',
      `${who} sent the ${nameMessage(item)} again after it had found no room, instead of giving it up.`,
      shown,
      'refused, and sent again later',
    );
  };
  for (const item of items) {
    if (item.number <= last) continue;
    const found = check(item, item.number, item.sentAt);
    if (found.length > 0) return found;
    [last, since] = [item.number, item.sentAt];
  }
  return count !== undefined && isComplete(run) ? check(items.at(-1)!, first + count, Infinity) : [];
}

/** What senders took out of the queue themselves: only the oldest, only to make room, and only where the policy says so. */
function checkTakenOut(run: Run, items: readonly Item[], { policy, capacity, to }: Parameters): Found<Code>[] {
  const received = new Set(getReceived(run, items, to));
  return items.flatMap((item): Found<Code>[] => {
    const { receiver: taker, receivedAt, queue } = item;
    if (taker === null || received.has(item)) return [];
    const told = `${getName(run, taker)} took the ${nameMessage(item)} out of ${nameQueue(queue)}`;
    const rest = { expected: POLICIES[policy], processes: [taker] };
    if (policy !== 'overwrite-oldest')
      return [
        {
          code: 'lost',
          message: `${told}.`,
          events: takeEvents(item.sentAt, receivedAt),
          actual: 'a message was taken out of the queue',
          ...rest,
        },
      ];
    const held = new Set(getContentsAt(run, queue, receivedAt!).map(({ index }) => index));
    const oldest = items.find(({ index }) => held.has(index))!;
    if (oldest.index !== item.index)
      return [
        {
          code: 'kept',
          message: `${told}, while the older ${nameMessage(oldest)} stayed.`,
          events: takeEvents(oldest.sentAt, item.sentAt, receivedAt),
          actual: 'a newer message made room, and an older one stayed',
          ...rest,
        },
      ];
    // Whether there was room at this very moment is nothing that it could know: the other may have taken one meanwhile.
    const since = Math.max(
      -1,
      ...items.flatMap((other) => [
        ...(other.sender === taker && other.sentAt < receivedAt! ? [other.sentAt] : []),
        ...(other.receiver === taker && other.receivedAt! < receivedAt! ? [other.receivedAt!] : []),
      ]),
    );
    const next = items.find(({ sender, sentAt }) => sender === taker && sentAt > receivedAt!) ?? item;
    if (getRefusals(run, { ...next, sender: taker }, since, receivedAt!).length > 0) return [];
    if (wasFull(run, next, capacity, since, receivedAt!)) return [];
    return [
      {
        code: 'lost',
        message: `${told}, though there was room.`,
        events: takeEvents(item.sentAt, receivedAt),
        actual: 'a message was taken out of a queue that was not full',
        ...rest,
      },
    ];
  });
}

/** Items that were in the queue and came to nobody, though the run is over or the queue is gone. */
function checkNotReceived(run: Run, items: readonly Item[]): Found<Code>[] {
  return items.flatMap((item): Found<Code>[] => {
    const removedAt = run.trace.queues[item.queue]?.removedAt ?? null;
    if (item.receiver !== null || (removedAt === null && !isComplete(run))) return [];
    return [
      {
        code: 'lost',
        message: `Nobody received the ${nameMessage(item)} that ${getName(run, item.sender)} had sent to ${nameQueue(item.queue)}.`,
        events: takeEvents(item.sentAt, removedAt),
        expected: 'what is in the queue is received',
        actual: removedAt === null ? 'left in the queue' : 'destroyed with the queue',
        processes: [item.sender],
      },
    ];
  });
}

function checkOrder(run: Run, items: readonly Item[], to: string | undefined): Found<Code>[] {
  const received = getReceived(run, items, to).toSorted((a, b) => a.receivedAt! - b.receivedAt!);
  return received.flatMap((late, index): Found<Code>[] => {
    const early = received.slice(0, index).find(({ sender, number }) => sender === late.sender && number > late.number);
    if (!early) return [];
    return [
      {
        code: 'out-of-order',
        message: `${getName(run, early.receiver!)} received the ${nameMessage(early)} before the ${nameMessage(late)} of the same sender.`,
        events: takeEvents(early.receivedAt, late.sentAt, late.receivedAt),
        expected: 'the items of a sender come in their order',
        actual: `${late.number} after ${early.number}`,
        processes: [early.sender],
      },
    ];
  });
}

function checkLength(run: Run, items: readonly Item[], { policy, capacity }: Parameters): Found<Code>[] {
  return items.flatMap((item): Found<Code>[] => {
    const { sender, sentAt, queue } = item;
    const call = run.trace.events[sentAt];
    const who = getName(run, sender);
    if (policy !== 'wait' && call?.kind === 'call' && call.waited)
      return [
        {
          code: 'blocked',
          message: `${who} slept in msgsnd until there was room in ${nameQueue(queue)} for the ${nameMessage(item)}.`,
          events: takeEvents(call.arrived, sentAt),
          expected: POLICIES[policy],
          actual: 'slept until there was room',
          processes: [sender],
        },
      ];
    const held = getContentsAt(run, queue, sentAt + 1);
    if (capacity === undefined || !isOverfull(held, capacity)) return [];
    const limit =
      'messages' in capacity
        ? `${capacity.messages} message${capacity.messages === 1 ? '' : 's'}`
        : `${capacity.bytes} bytes`;
    return [
      {
        code: 'too-long',
        message: `${who} sent to ${nameQueue(queue)} though it was full: it then held ${held.length} messages, of ${held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)} bytes.`,
        events: takeEvents(sentAt),
        expected: `at most ${limit}`,
        actual: 'more',
        processes: [sender],
      },
    ];
  });
}

/** What becomes of a message for which there is no room, as the lab's policy says. */
export const dropPolicy = defineRule<Parameters, Code>({
  name: 'drop-policy',
  summary: 'When the queue is full, senders do what the policy says: wait, overwrite the oldest, or discard the newest',
  why: 'A queue holds so many bytes and no more; what happens to a message that finds no room is for the programs to choose, and all of them must choose the same.',
  source: 'msgsnd(2), Lecture 6: wait, overwrite older messages, discard the current message',
  tested: {
    by: 'an item that is sent',
    isIn: (run, { format }) => hasSent(run, format),
  },
  codes,
  reasons: {
    blocked: {
      why: 'Without IPC_NOWAIT msgsnd sleeps while the queue is full; with it, it fails at once with EAGAIN, and the program decides.',
      source: 'msgsnd(2)',
    },
    'out-of-order': {
      why: 'A queue gives out the messages of one type first in, first out: an item that is kept back and sent later comes after what was sent meanwhile.',
      source: 'msgrcv(2)',
    },
  },
  hints: [
    'What does msgsnd do when the queue is full, with IPC_NOWAIT and without?',
    'Look at what is done after EAGAIN, and with which message: the new one, or the oldest in the queue?',
    'Wait: msgsnd without IPC_NOWAIT. Discard: on EAGAIN go on with the next item. Overwrite: on EAGAIN take one out with msgrcv, type 0 and IPC_NOWAIT, and send again.',
  ],
  example: '{ policy: overwrite-oldest, format: item, number: number, count: 20, capacity: { messages: 3 } }',
  parameters,
  check(run, wanted) {
    const items = getItems(run, wanted);
    const senders = [...new Set(items.map(({ sender }) => sender))];
    const found = [
      ...senders.flatMap((sender) =>
        checkGivenUp(
          run,
          items.filter((item) => item.sender === sender),
          wanted,
        ),
      ),
      ...checkTakenOut(run, items, wanted),
      ...checkNotReceived(run, items),
      ...checkOrder(run, items, wanted.to),
      ...checkLength(run, items, wanted),
    ];
    // What a process does once it does again: its first time tells all.
    const told = new Set<string>();
    return found.filter(({ code, processes }) => {
      const id = JSON.stringify([code, processes[0]]);
      if (told.has(id) || isExcused(run, wanted.signalled, processes)) return false;
      told.add(id);
      return true;
    });
  },
});
