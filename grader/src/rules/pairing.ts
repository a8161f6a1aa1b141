import { z } from 'zod';
import { getRoot, type Message, type Run } from '../model/run.js';

/** Parameters by which requests and replies are told, and which belong together. */
export const pairingParameters = {
  request: z.string().describe('Format of the requests'),
  reply: z.string().describe('Format of the replies'),
  match: z
    .record(z.string(), z.string())
    .default({})
    .describe('Fields that are equal in a request and its reply: request’s name: reply’s name'),
};

export interface Pairing {
  request: string;
  reply: string;
  /** Request's field: reply's field. */
  match: Readonly<Record<string, string>>;
}

export interface Pair {
  request: Message;
  reply: Message;
}

export interface Pairs {
  pairs: Pair[];
  /** Requests that were received, and no reply belongs to. */
  unanswered: Message[];
  /** Replies that belong to no request. */
  unasked: Message[];
}

/**
 * Pairs replies with requests by identity: a reply is sent, later, by the process that took the request or a relative of it by
 * fork, and their fields match. Fields may be the same for two askers: then it is the one whom the reply is addressed to, else the
 * one who has waited longest.
 */
export function pairMessages(run: Run, { request, reply, match }: Pairing): Pairs {
  const requests = run.messages
    .filter((message) => message.format === request && message.receivedAt !== null)
    .toSorted((a, b) => a.receivedAt! - b.receivedAt!);
  const open = new Set(requests);
  const pairs: Pair[] = [];
  const unasked: Message[] = [];
  const pidOf = (asked: Message) => (asked.sender === null ? -1 : run.trace.processes[asked.sender]?.pid);
  const fits = (asked: Message, answer: Message): boolean =>
    getRoot(run, asked.receiver!) === getRoot(run, answer.sender!) &&
    asked.receivedAt! < (answer.sentAt ?? -1) &&
    Object.entries(match).every(
      ([ofRequest, ofReply]) =>
        asked.fields[ofRequest] !== undefined && asked.fields[ofRequest] === answer.fields[ofReply],
    );
  for (const answer of run.messages) {
    if (answer.format !== reply || answer.sender === null) continue;
    const candidates = [...open].filter((asked) => fits(asked, answer));
    const asked = candidates.find((candidate) => pidOf(candidate) === answer.mtype) ?? candidates[0];
    if (!asked) {
      unasked.push(answer);
      continue;
    }
    open.delete(asked);
    pairs.push({ request: asked, reply: answer });
  }
  return { pairs, unanswered: [...open], unasked };
}
