import type { CallEvent } from '@ipclab/native/supervisor';
import { getCalls, getRole, type Message, type Run } from '../model/run.js';

/** An item: a message, and its number. */
export type Item = Message & { sender: number; sentAt: number; number: number };

interface Selection {
  format: string;
  number: string;
  first: number;
  count?: number | undefined;
  from?: string | undefined;
}

/** All items that came into the queue, in the order of sending. */
export function getItems(run: Run, { format, number, first, count, from }: Selection): Item[] {
  return run.messages
    .flatMap((message): Item[] => {
      const { sender, sentAt, fields } = message;
      const value = fields[number];
      if (message.format !== format || sender === null || sentAt === null || typeof value !== 'number') return [];
      if (value < first || (count !== undefined && value >= first + count)) return [];
      return from === undefined || getRole(run, sender) === from ? [{ ...message, sender, sentAt, number: value }] : [];
    })
    .toSorted((a, b) => a.sentAt - b.sentAt);
}

/** Those that came to one that they are for; the others were taken out to make room. */
export function getReceived(run: Run, items: readonly Item[], to: string | undefined): Item[] {
  const senders = new Set(items.map(({ sender }) => sender));
  const isFor = (receiver: number) => (to === undefined ? !senders.has(receiver) : getRole(run, receiver) === to);
  return items.filter(({ receiver, sender }) => receiver !== null && receiver !== sender && isFor(receiver));
}

/** Attempts of that sender that found no room, between the two events. */
export const getRefusals = (run: Run, { sender, queue, mtype }: Item, after: number, before: number): CallEvent[] =>
  getCalls(run, 'msgsnd', sender).filter(
    (call) =>
      call.error === 'EAGAIN' &&
      call.queue === queue &&
      call.args.mtype === mtype &&
      call.seq > after &&
      call.seq < before,
  );

/** Did it make several sends at the same time? Then it is not known which of them was refused. */
export function isOverlapping(run: Run, sender: number): boolean {
  const calls = getCalls(run, 'msgsnd', sender);
  return calls.some(({ arrived }, index) => calls.some(({ seq }, other) => other < index && arrived < seq));
}
