import { getRoot, type Message, type Run } from '../model/run.js';

export interface Acked {
  /** All that must be acknowledged, in the order of sending. */
  messages: readonly Message[];
  /** Each received message with its acknowledgement, in the order of these. */
  answered: readonly Answer[];
  /** Acknowledgements that are not right, each with the message that it was for, as far as can be told. */
  stray: readonly Stray[];
  /** Received, and never acknowledged, rightly or wrongly. */
  unanswered: readonly Message[];
  /** Are they the same message, sent again with nothing of its kind in between? Never, where that is not allowed. */
  isCopy: (one: Message, other: Message) => boolean;
}

interface Answer {
  message: Message;
  ack: Message;
}

type Stray =
  /** Of a message that `first` had acknowledged. */
  | { code: 'twice'; ack: Message; message: Message; first: Message }
  /** Of a message that had been sent, but not received. */
  | { code: 'early'; ack: Message; message: Message }
  /** Of another message than the one that its sender had, or of none. */
  | { code: 'wrong'; ack: Message; message: Message | null };

interface Pairing {
  format: string;
  ack: string;
  match: Readonly<Record<string, string>>;
  resend: boolean;
}

/** Is it this process, or a relative by fork that is not the other party? Sender and receiver may be of one family. */
export const standsFor = (run: Run, process: number, whom: number, other: number): boolean =>
  process === whom || (process !== other && getRoot(run, process) === getRoot(run, whom));

const bySending = (a: Message, b: Message): number => a.sentAt! - b.sentAt!;

/** Pairs messages with their acknowledgements by identity: fields that match, sent by who received the message. */
export function pairAcks(run: Run, { format, ack: ackFormat, match, resend }: Pairing): Acked {
  const select = (name: string) =>
    run.messages.filter((message) => message.format === name && message.sender !== null).toSorted(bySending);
  const messages = select(format);

  const isMatching = (ack: Message, message: Message): boolean =>
    Object.entries(match).every(
      ([ofMessage, ofAck]) =>
        message.fields[ofMessage] !== undefined && message.fields[ofMessage] === ack.fields[ofAck],
    );
  const isBy = (ack: Message, { receiver, sender }: Message): boolean =>
    receiver !== null && standsFor(run, ack.sender!, receiver, sender!);
  const hasHad = (ack: Message, message: Message): boolean =>
    message.receivedAt !== null && message.receivedAt < ack.sentAt! && isBy(ack, message);
  const isAhead = (ack: Message, message: Message): boolean =>
    message.sentAt! < ack.sentAt! &&
    (message.receivedAt === null
      ? message.sender !== ack.sender
      : message.receivedAt > ack.sentAt! && isBy(ack, message));

  // Who takes its own message owes nobody an acknowledgement.
  const open = new Set(messages.filter(({ sender, receiver }) => receiver !== null && receiver !== sender));
  const answered: Answer[] = [];
  const others: Message[] = [];
  for (const ack of select(ackFormat)) {
    const candidates = [...open]
      .filter((message) => hasHad(ack, message) && isMatching(ack, message))
      .toSorted((a, b) => a.receivedAt! - b.receivedAt!);
    // Several senders may use the same numbers: then it is the one whom it is addressed to, or who took it, else who waited longest.
    const message =
      candidates.find(({ sender }) => run.trace.processes[sender!]!.pid === ack.mtype) ??
      candidates.find(({ sender }) => sender === ack.receiver) ??
      candidates[0];
    if (message) {
      open.delete(message);
      answered.push({ message, ack });
    } else others.push(ack);
  }
  // A message has its right acknowledgement, if there is one; what is left over is then told of those without.
  const stray = others.map((ack): Stray => {
    const again = answered.findLast(
      (answer) => answer.ack.sentAt! < ack.sentAt! && hasHad(ack, answer.message) && isMatching(ack, answer.message),
    );
    if (again) return { code: 'twice', ack, message: again.message, first: again.ack };
    const ahead = messages.find((message) => isAhead(ack, message) && isMatching(ack, message));
    const had = ahead ?? [...open].find((message) => hasHad(ack, message));
    if (had) open.delete(had);
    return ahead ? { code: 'early', ack, message: ahead } : { code: 'wrong', ack, message: had ?? null };
  });

  const isCopy = (one: Message, other: Message): boolean => {
    if (!resend || one === other || !isSame(one, other)) return false;
    const [from, to] = [one, other].toSorted(bySending) as [Message, Message];
    return !messages.some(
      (each) =>
        each.sender === one.sender && each.sentAt! > from.sentAt! && each.sentAt! < to.sentAt! && !isSame(each, one),
    );
  };
  return { messages, answered, stray, unanswered: [...open], isCopy };
}

/** Has one sender sent the same to the same place? */
export const isSame = (one: Message, other: Message): boolean =>
  one.sender === other.sender && one.queue === other.queue && one.mtype === other.mtype && one.data === other.data;
