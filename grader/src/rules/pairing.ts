import { type Message, type Run } from '../model/run.js';

/** How a reply is known to belong to a request: equal fields, request's name first. */
export interface Pairing {
  request: string;
  reply: string;
  match: Readonly<Record<string, string>>;
}

export interface Pair {
  request: Message;
  reply: Message;
}

/**
 * Pairs replies with requests by identity: a reply is sent by the process that took the request, later, and its fields match.
 * Of several such requests it is the oldest that has no reply yet; fields alone may be the same for two askers.
 */
export function pairMessages(
  run: Run,
  { request, reply, match }: Pairing,
): { pairs: Pair[]; unanswered: Message[]; unasked: Message[] } {
  const requests = run.messages
    .filter((message) => message.format === request && message.receivedAt !== null)
    .toSorted((a, b) => a.receivedAt! - b.receivedAt!);
  const open = new Set(requests);
  const pairs: Pair[] = [];
  const unasked: Message[] = [];
  const fits = (asked: Message, answer: Message): boolean =>
    asked.receiver === answer.sender &&
    asked.receivedAt! < (answer.sentAt ?? -1) &&
    Object.entries(match).every(
      ([ofRequest, ofReply]) =>
        asked.fields[ofRequest] !== undefined && asked.fields[ofRequest] === answer.fields[ofReply],
    );
  for (const answer of run.messages) {
    if (answer.format !== reply || answer.sender === null) continue;
    const candidates = [...open].filter((asked) => fits(asked, answer));
    // Among requests that look alike, the one that the reply is addressed to.
    const pidOf = (asked: Message) => (asked.sender === null ? -1 : run.trace.processes[asked.sender]?.pid);
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
