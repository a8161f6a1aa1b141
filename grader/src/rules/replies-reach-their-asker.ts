import { z } from 'zod';
import { getCalls, getName, getRole, isComplete, type Message, type Run } from '../model/run.js';
import { quoteText } from '../model/text.js';
import { type Pair, pairingParameters, pairMessages } from './pairing.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasSent } from './tested.js';
import { nameMessage, nameOutcome, takeEvents } from './words.js';

const CONTENTS = {
  same: (text: string) => text,
  uppercase: (text: string) => text.toUpperCase(),
  lowercase: (text: string) => text.toLowerCase(),
  reversed: (text: string) => Array.from(text).toReversed().join(''),
} as const;

const parameters = z.strictObject({
  ...pairingParameters,
  by: z.string().optional().describe('Role that answers'),
  address: z.literal('pid').optional().describe("The reply's mtype is the pid of the asker"),
  content: z
    .strictObject({
      field: z.string().describe('Field of the reply'),
      is: z.enum(Object.keys(CONTENTS) as (keyof typeof CONTENTS)[]).describe('What it must be'),
      of: z.string().describe('… of this field of the request'),
    })
    .optional()
    .describe('What a reply must say'),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  crossed: 'A reply was received by another process than the one that had asked',
  'wrong-address': 'A reply was sent to an address that is not the asker’s',
  missing: 'A request was taken and never answered',
  unasked: 'A reply belongs to no request',
  'wrong-content': 'A reply says something else than it must',
};
type Code = keyof typeof codes;

/** One thing is told of a pair: the first that is wrong. */
function checkPair(run: Run, { request, reply }: Pair, { address, content }: Parameters): Found<Code>[] {
  const asker = request.sender;
  if (asker === null) return [];
  const [who, answerer] = [getName(run, asker), getName(run, reply.sender!)];
  const events = takeEvents(request.sentAt, reply.sentAt, reply.receivedAt);
  if (reply.receiver !== null && reply.receiver !== asker) {
    const taker = getName(run, reply.receiver);
    return [
      {
        code: 'crossed',
        message: `${taker} received the reply to the request of ${who}: ${nameMessage(reply)}.`,
        events,
        expected: `received by ${who}, which asked`,
        actual: `received by ${taker}`,
        processes: [asker, reply.receiver],
      },
    ];
  }
  const pid = run.trace.processes[asker]!.pid;
  if (address === 'pid' && reply.mtype !== pid)
    return [
      {
        code: 'wrong-address',
        message: `${answerer} sent the reply to ${who} with type ${reply.mtype}; the type that ${who} waits for is its pid, ${pid}.`,
        events,
        expected: `type ${pid}`,
        actual: `type ${reply.mtype}`,
        processes: [reply.sender!, asker],
      },
    ];
  if (!content) return [];
  const asked = String(request.fields[content.of] ?? '');
  const wanted = CONTENTS[content.is](asked);
  const said = String(reply.fields[content.field] ?? '');
  if (said === wanted) return [];
  return [
    {
      code: 'wrong-content',
      message: `${answerer} answered ${quoteText(asked)} of ${who} with ${quoteText(said)}.`,
      events,
      expected: quoteText(wanted),
      actual: quoteText(said),
      processes: [reply.sender!],
    },
  ];
}

const checkUnasked = (run: Run, unasked: readonly Message[]): Found<Code>[] =>
  unasked.map((reply) => ({
    code: 'unasked',
    message: `${getName(run, reply.sender!)} sent a ${nameMessage(reply)} that answers no request.`,
    events: takeEvents(reply.sentAt),
    expected: 'one reply for each request',
    actual: 'a reply that nobody asked for',
    processes: [reply.sender!],
  }));

/** Requests that were taken and not answered; those of one process are told once. */
function checkMissing(run: Run, unanswered: readonly Message[], { by, signalled }: Parameters): Found<Code>[] {
  // Whoever was ended by us might still have answered.
  if (!isComplete(run)) return [];
  const owed = unanswered.filter(
    ({ sender, receiver }) =>
      (by === undefined || getRole(run, receiver!) === by) &&
      !isExcused(run, signalled, sender === null ? [receiver!] : [sender, receiver!]),
  );
  return [...new Set(owed.map(({ receiver }) => receiver!))].map((answerer) => {
    const [first, ...others] = owed.filter(({ receiver }) => receiver === answerer) as [Message, ...Message[]];
    const failure = getCalls(run, 'msgsnd', answerer).find(
      ({ seq, error }) => error !== undefined && error !== 'EINTR' && seq > first.receivedAt!,
    );
    const of = first.sender === null ? '' : ` of ${getName(run, first.sender)}`;
    return {
      code: 'missing',
      message: `${getName(run, answerer)} took the ${nameMessage(first)}${of} and never answered it${others.length === 0 ? '' : `, nor ${others.length} more`}${failure ? `; its ${nameOutcome(failure)}` : ''}.`,
      events: takeEvents(first.sentAt, first.receivedAt, failure?.seq),
      expected: 'one reply for each request',
      actual: 'no reply',
      processes: [answerer],
    };
  });
}

/** Each request gets one reply, which reaches the process that asked. */
export const repliesReachTheirAsker = defineRule<Parameters, Code>({
  name: 'replies-reach-their-asker',
  summary: 'Each request is answered once, and the reply reaches the process that asked',
  why: 'Any process that asks for a type can take any message of that type; so each asker needs a type of its own for its replies, such as its pid.',
  source: 'msgrcv(2), Lecture 6: type > 0',
  tested: {
    by: 'a request that is sent',
    isIn: (run, { request }) => hasSent(run, request),
  },
  codes,
  reasons: {
    missing: {
      why: 'Whoever has asked with a blocking receive sleeps until its reply comes; and nobody else has the request any more.',
      source: 'Lecture 6: Synchronous Receive',
    },
    unasked: {
      why: 'A reply that nobody waits for stays in the queue: it takes up room, or is taken for the answer to a later request.',
      source: 'msgsnd(2)',
    },
    'wrong-content': {
      why: 'A message is the bytes that were sent, and their number: text that is cut, or keeps bytes of an earlier message, is another text.',
      source: 'msgsnd(2)',
    },
  },
  hints: [
    'What tells a reply for one asker from a reply for another, when both lie in the same queue?',
    'The type is the only address that a message has: look at the mtype of each reply, and at the type that each asker gives to msgrcv.',
    'Put the pid of the asker into the request, send the reply with that pid as its mtype, and have the asker call msgrcv with type = its own pid; answer each request once, with the fields of that very request.',
  ],
  example: '{ request: request, reply: reply, match: { sequence: sequence }, by: server, address: pid }',
  parameters,
  check(run, wanted) {
    const { pairs, unanswered, unasked } = pairMessages(run, wanted);
    return [
      ...pairs.flatMap((pair) => checkPair(run, pair, wanted)),
      ...checkUnasked(run, unasked),
      ...checkMissing(run, unanswered, wanted),
    ];
  },
});
