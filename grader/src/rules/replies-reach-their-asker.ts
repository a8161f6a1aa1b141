import { z } from 'zod';
import { getName, getRole, isComplete, isSignalled } from '../model/run.js';
import { pairMessages } from './pairing.js';
import { defineRule, type Found } from './rule.js';
import { nameMessage } from './words.js';

const parameters = z.strictObject({
  request: z.string().describe('Format of the requests'),
  reply: z.string().describe('Format of the replies'),
  match: z
    .record(z.string(), z.string())
    .default({})
    .describe('Fields that are equal in a request and its reply: request’s name: reply’s name'),
  by: z.string().optional().describe('Role that answers'),
  address: z.literal('pid').optional().describe("The reply's mtype is the pid of the asker"),
  content: z
    .strictObject({
      field: z.string().describe('Field of the reply'),
      is: z.enum(['same', 'uppercase']),
      of: z.string().describe('Field of the request'),
    })
    .optional()
    .describe('What a reply must say'),
  signalled: z
    .enum(['check', 'skip'])
    .default('skip')
    .describe('Must every request be answered, too, when a planned signal has reached a process?'),
});

const codes = {
  crossed: 'A reply was received by another process than the one that had asked',
  'wrong-address': 'A reply was sent to an address that is not the asker’s',
  missing: 'A request was taken and never answered',
  unasked: 'A reply belongs to no request',
  'wrong-content': 'A reply says something else than it must',
};

/** Each request gets one reply, which reaches the process that asked. */
export const repliesReachTheirAsker = defineRule<z.infer<typeof parameters>, keyof typeof codes>({
  name: 'replies-reach-their-asker',
  summary: 'Each request is answered once, and the reply reaches the process that asked',
  why: 'Any process that asks for a type can take any message of that type; so each asker needs a type of its own for its replies, such as its pid.',
  source: 'msgrcv(2), Lecture 6: type > 0',
  codes,
  parameters,
  check(run, { content, address, signalled, by, ...pairing }) {
    const { pairs, unanswered, unasked } = pairMessages(run, pairing);
    const found: Found<keyof typeof codes>[] = pairs.flatMap(({ request, reply }): Found<keyof typeof codes>[] => {
      const asker = request.sender;
      if (asker === null) return [];
      const who = getName(run, asker);
      const events = [request.sentAt, reply.sentAt, reply.receivedAt].filter((seq): seq is number => seq !== null);
      const pid = run.trace.processes[asker]?.pid;
      if (reply.receiver !== null && reply.receiver !== asker)
        return [
          {
            code: 'crossed',
            message: `${getName(run, reply.receiver)} received the reply to the request of ${who}: ${nameMessage(reply)}.`,
            events,
            expected: `received by ${who}, which asked`,
            actual: `received by ${getName(run, reply.receiver)}`,
            processes: [asker, reply.receiver],
          },
        ];
      if (address === 'pid' && reply.mtype !== pid)
        return [
          {
            code: 'wrong-address',
            message: `${getName(run, reply.sender!)} sent the reply to ${who} with type ${reply.mtype}; the type that ${who} waits for is its pid, ${pid}.`,
            events,
            expected: `type ${pid}`,
            actual: `type ${reply.mtype}`,
            processes: [reply.sender!, asker],
          },
        ];
      if (!content) return [];
      const asked = String(request.fields[content.of] ?? '');
      const wanted = content.is === 'uppercase' ? asked.toUpperCase() : asked;
      const said = String(reply.fields[content.field] ?? '');
      return said === wanted
        ? []
        : [
            {
              code: 'wrong-content',
              message: `${getName(run, reply.sender!)} answered ${JSON.stringify(asked)} of ${who} with ${JSON.stringify(said)}.`,
              events,
              expected: JSON.stringify(wanted),
              actual: JSON.stringify(said),
              why: 'A message is the bytes that were sent, and their number: text that is cut, or keeps bytes of an earlier message, is another text.',
              source: 'msgsnd(2)',
              processes: [reply.sender!],
            },
          ];
    });
    for (const reply of unasked)
      found.push({
        code: 'unasked',
        message: `${getName(run, reply.sender!)} sent a ${nameMessage(reply)} that answers no request.`,
        events: reply.sentAt === null ? [] : [reply.sentAt],
        expected: 'one reply for each request',
        actual: 'a reply that nobody asked for',
        processes: [reply.sender!],
      });
    if (isComplete(run) && !(signalled === 'skip' && isSignalled(run)))
      for (const request of unanswered)
        if (by === undefined || getRole(run, request.receiver!) === by)
          found.push({
            code: 'missing',
            message: `${getName(run, request.receiver!)} took the ${nameMessage(request)}${request.sender === null ? '' : ` of ${getName(run, request.sender)}`} and never answered it.`,
            events: [request.sentAt, request.receivedAt].filter((seq): seq is number => seq !== null),
            expected: 'one reply for each request',
            actual: 'no reply',
            processes: [request.receiver!],
          });
    return found;
  },
});
