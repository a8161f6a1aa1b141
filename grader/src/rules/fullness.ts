import { z } from 'zod';
import { getContentsAt, type Run } from '../model/run.js';

export const capacitySchema = z
  .union([
    z.strictObject({ messages: z.int().min(1).describe('At most so many messages') }),
    z.strictObject({ bytes: z.int().min(1).describe('At most so many bytes, without the mtypes') }),
  ])
  .describe('How much the queue may hold; what the kernel lets it hold (msg_qbytes), if not said');
export type Capacity = z.infer<typeof capacitySchema>;

interface Size {
  sizeBytes: number;
}

const getBytes = (held: readonly Size[]): number => held.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** Does it hold more than it may? */
export const isOverfull = (held: readonly Size[], capacity: Capacity): boolean =>
  'messages' in capacity ? held.length > capacity.messages : getBytes(held) > capacity.bytes;

/** Had the queue no room for a message of that size, at any time after the one event and before the other? */
export function wasFull(
  run: Run,
  { queue, sizeBytes }: { queue: number; sizeBytes: number },
  capacity: Capacity | undefined,
  after: number,
  before: number,
): boolean {
  const maxBytes = run.trace.queues[queue]?.maxBytes ?? Infinity;
  const isFull = (held: readonly Size[]): boolean =>
    (capacity !== undefined && isOverfull([...held, { sizeBytes }], capacity)) ||
    // msgsnd(2): so many bytes, and as many messages, so that messages of no bytes fill it too.
    getBytes(held) + sizeBytes > maxBytes ||
    held.length >= maxBytes;
  // It only grows by a send, so these are the moments at which it may begin to be full; those of other queues do no harm.
  const moments = run.messages.map(({ sentAt }) => sentAt ?? -1).filter((seq) => seq > after && seq < before);
  return [after, ...moments].some((seq) => isFull(getContentsAt(run, queue, seq + 1)));
}
