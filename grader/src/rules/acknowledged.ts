import type { OutputEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getName, getRoot, isComplete, type Message, type Run } from '../model/run.js';
import { type Acked, pairAcks, standsFor } from './acks.js';
import { linePattern } from './pattern.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasSent } from './tested.js';
import { nameMessage, takeEvents } from './words.js';

const parameters = z.strictObject({
  format: z.string().describe('Which messages must be acknowledged: a name under `formats`'),
  ack: z.string().describe('Format of the acknowledgements'),
  match: z
    .record(z.string(), z.string())
    .default({})
    .describe('Fields that tell which message is meant; equal in both: message’s name: acknowledgement’s name'),
  after: z
    .union([
      z.strictObject({
        output: z
          .string()
          .refine(linePattern.isUsable, 'Expected a line, or a regular expression between slashes')
          .describe('It has printed this line (to a pipe, a C program prints only what it flushes)'),
      }),
      z.strictObject({ send: z.string().describe('It has sent a message of this format') }),
    ])
    .optional()
    .describe('What the receiver must have done between the receive and the acknowledgement: its work'),
  window: z
    .int()
    .min(1)
    .optional()
    .describe('How many messages one sender may have out, not acknowledged yet: 1 is stop-and-wait; any if not said'),
  resend: z
    .boolean()
    .default(false)
    .describe(
      'May a sender send the same message again before the next, as after a time-out? One acknowledgement is enough for all its copies, each may have one, and the work is done once',
    ),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  missing: 'A message was received and never acknowledged',
  early: 'A message was acknowledged before it was received, or before the work was done',
  wrong: 'An acknowledgement belongs to no message, or another process than the sender took it',
  'too-soon': 'The next message was sent before the acknowledgement had come',
  twice: 'A message was acknowledged more than once',
};
type Code = keyof typeof codes;

/** An acknowledgement that belongs to no message that was received and still open. */
function checkStray(run: Run, stray: Acked['stray'][number], { match }: Parameters): Found<Code> {
  const { ack, message, code } = stray;
  const told = `${getName(run, ack.sender!)} sent the ${nameMessage(ack)}`;
  const processes = [ack.sender!];
  if (code === 'twice')
    return {
      code,
      message: `${told}, though it had acknowledged the ${nameMessage(message)} already.`,
      events: takeEvents(message.receivedAt, stray.first.sentAt, ack.sentAt),
      expected: 'one acknowledgement for each message received',
      actual: 'acknowledged twice',
      processes,
    };
  if (code === 'early')
    return {
      code,
      message: `${told} before it had received the ${nameMessage(message)}.`,
      events: takeEvents(message.sentAt, ack.sentAt, message.receivedAt),
      expected: 'acknowledged after it was received',
      actual: message.receivedAt === null ? 'acknowledged, and not received' : 'acknowledged first, received later',
      processes,
    };
  const names = Object.entries(match);
  const nameField = (name: string, of: Message) => `${name}: ${String(of.fields[name])}`;
  return {
    code,
    message: message
      ? `${told}; the message that it had received was the ${nameMessage(message)}.`
      : `${told}, and had no message to acknowledge.`,
    events: takeEvents(message?.receivedAt, ack.sentAt),
    expected: message
      ? `acknowledges ${names.map(([name]) => nameField(name, message)).join(', ')}`
      : 'one acknowledgement for each message received',
    actual: message
      ? `acknowledges ${names.map(([, name]) => nameField(name, ack)).join(', ')}`
      : 'an acknowledgement of nothing',
    processes,
  };
}

/** When the work was done that should stand between the receive and the acknowledgement; null if in time, or not known. */
function getLateWork(run: Run, message: Message, ack: Message, { after, format }: Parameters): number | null {
  const root = getRoot(run, message.receiver!);
  const isIts = (process: number | null) => process !== null && getRoot(run, process) === root;
  const receivedAt = message.receivedAt!;
  // What is done after the next receive may be the work of that one.
  const next = Math.min(
    ...run.messages.flatMap((other) =>
      other.format === format && (other.receivedAt ?? -1) > receivedAt && isIts(other.receiver)
        ? [other.receivedAt!]
        : [],
    ),
  );
  const isLate = (seq: number) => seq > ack.sentAt! && seq < next;
  if (after && 'send' in after) {
    const isWork = (each: Message) => each.format === after.send && isIts(each.sender) && each.sentAt! > receivedAt;
    const first = run.messages.find(isWork)?.sentAt ?? -1;
    return isLate(first) ? first : null;
  }
  const work = run.trace.events.find(
    (event): event is OutputEvent =>
      event.kind === 'output' &&
      event.seq > receivedAt &&
      isIts(event.process) &&
      event.text.split(/\r?\n/).some((line) => linePattern.isMatch(after?.output ?? '', line)),
  );
  if (!work || !isLate(work.seq)) return null;
  // Several lines at once were printed one by one, earlier, and buffered: when, is not known.
  return work.text.replace(/\n$/, '').includes('\n') ? null : work.seq;
}

/** One thing is told of a message and its acknowledgement: the first that is wrong. */
function checkAcked(run: Run, message: Message, ack: Message, isCopy: boolean, wanted: Parameters): Found<Code>[] {
  const [from, by] = [getName(run, message.sender!), getName(run, ack.sender!)];
  const late = wanted.after && !isCopy ? getLateWork(run, message, ack, wanted) : null;
  if (late !== null)
    return [
      {
        code: 'early',
        message: `${by} acknowledged the ${nameMessage(message)} before its work was done.`,
        events: takeEvents(message.receivedAt, ack.sentAt, late),
        expected: 'received, worked on, acknowledged',
        actual: 'received, acknowledged, worked on',
        processes: [ack.sender!],
        why: 'An acknowledgement says that the work is done: if the receiver dies in between, the sender believes what is not so.',
      },
    ];
  if (ack.receiver === null || standsFor(run, ack.receiver, message.sender!, ack.sender!)) return [];
  const taker = getName(run, ack.receiver);
  return [
    {
      code: 'wrong',
      message: `${taker} took the ${nameMessage(ack)}, by which ${by} acknowledged the ${nameMessage(message)} of ${from}.`,
      events: takeEvents(message.sentAt, ack.sentAt, ack.receivedAt),
      expected: `received by ${from}, which waits for it`,
      actual: `received by ${taker}`,
      processes: [message.sender!, ack.receiver],
    },
  ];
}

/** May it be said for certain that no acknowledgement will come? In a run that ended, or where the receiver waits for ever. */
function isOver({ trace }: Run, receiver: number): boolean {
  const { cause, waits } = trace.end;
  return (
    cause === 'completed' ||
    (cause === 'deadlock' &&
      waits.every(({ certain }) => certain) &&
      waits.some(({ process, kind }) => process === receiver && kind === 'message'))
  );
}

function checkMissing(run: Run, { unanswered, answered, isCopy }: Acked): Found<Code>[] {
  const owed = unanswered.filter(
    (message) => isOver(run, message.receiver!) && !answered.some((other) => isCopy(other.message, message)),
  );
  return [...new Set(owed.map(({ receiver }) => receiver!))].map((receiver) => {
    const [first, ...others] = owed.filter((message) => message.receiver === receiver) as [Message, ...Message[]];
    return {
      code: 'missing',
      message: `${getName(run, receiver)} received the ${nameMessage(first)} of ${getName(run, first.sender!)} and never acknowledged it${others.length === 0 ? '' : `, nor ${others.length} more`}.`,
      events: takeEvents(first.sentAt, first.receivedAt),
      expected: 'one acknowledgement for each message received',
      actual: 'none',
      processes: [receiver],
    };
  });
}

/** Who went on while too many were out. What was never acknowledged at all is told as missing. */
function checkWindow(
  run: Run,
  { messages, answered, stray, unanswered, isCopy }: Acked,
  window: number,
): Found<Code>[] {
  const isMissing = (message: Message): boolean => isComplete(run) && unanswered.includes(message);
  const getAckedAt = (message: Message): number =>
    Math.min(
      // A sender that believes a wrong one is misled: that is told of whoever sent it.
      ...[...answered, ...stray].flatMap(({ message: other, ack }) =>
        other && (other === message || isCopy(other, message)) && ack.receivedAt !== null ? [ack.receivedAt] : [],
      ),
    );
  return messages.flatMap((next): Found<Code>[] => {
    const sender = next.sender!;
    const out = messages.filter(
      (message) =>
        message.sender === sender &&
        message.sentAt! < next.sentAt! &&
        !isCopy(message, next) &&
        // Copies of one message count once.
        !messages.some((other) => other.sentAt! < message.sentAt! && isCopy(other, message)) &&
        getAckedAt(message) > next.sentAt!,
    );
    if (out.length < window || out.some(isMissing)) return [];
    const first = out[0]!;
    const acked = getAckedAt(first);
    const who = getName(run, sender);
    return [
      {
        code: 'too-soon',
        message: `${who} sent the ${nameMessage(next)} before it had the acknowledgement of the ${nameMessage(first)}.`,
        events: takeEvents(first.sentAt, next.sentAt, acked === Infinity ? null : acked),
        expected: window === 1 ? 'send, wait for the acknowledgement, send the next' : `at most ${window} messages out`,
        actual: `${out.length + 1} messages out, not acknowledged yet`,
        processes: [sender],
      },
    ];
  });
}

/** Each message is acknowledged: this one, by who has it, after the work, before the next is sent. */
export const acknowledged = defineRule<Parameters, Code>({
  name: 'acknowledged',
  summary: 'Each message that is received is acknowledged once, after it was received, and the sender waits for that',
  why: 'An acknowledgement tells the sender that this very message has arrived; sent at another time, or for another message, it tells what is not so.',
  source: 'Lecture 6: Acknowledgement messages',
  tested: {
    by: 'a message that is to be acknowledged',
    isIn: (run, { format }) => hasSent(run, format),
  },
  codes,
  reasons: {
    'too-soon': {
      why: 'msgsnd returns as soon as the message lies in the queue: only the acknowledgement tells that it has arrived, so a sender that does not wait for it knows nothing.',
      source: 'msgsnd(2), Lecture 6: Acknowledgement messages',
    },
  },
  hints: [
    'When the sender gets this acknowledgement, what may it believe, and is that true in every order of the steps?',
    'Follow one message: msgsnd, msgrcv, the work, msgsnd of the acknowledgement, msgrcv of it. Which of them stands at the wrong place?',
    'Copy the number of the message into its acknowledgement, send it last, and let the sender wait for exactly that before it goes on.',
  ],
  example: '{ format: item, ack: reply, match: { sequence: sequence }, after: { output: "/stored .*/" }, window: 1 }',
  parameters,
  check(run, wanted) {
    const acked = pairAcks(run, wanted);
    const found = [
      ...acked.stray.map((stray) => checkStray(run, stray, wanted)),
      ...acked.answered.flatMap(({ message, ack }) => {
        const isCopy = acked.answered.some(
          (other) => other.ack.sentAt! < ack.sentAt! && acked.isCopy(other.message, message),
        );
        return checkAcked(run, message, ack, isCopy, wanted);
      }),
      ...checkMissing(run, acked),
      ...(wanted.window === undefined ? [] : checkWindow(run, acked, wanted.window)),
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
