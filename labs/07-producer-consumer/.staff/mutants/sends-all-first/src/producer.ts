import { getpid, msgrcv, msgsnd } from '@ipclab/native';
import { AGAIN, ITEM, type Queues, item, reply } from './messages.js';

/** Sends all items, and then takes the replies. */
export function produce({ items, replies }: Queues, producer: number, count: number): void {
  const due = new Set(Array.from({ length: count }, (_, index) => index + 1));
  let answer = AGAIN;
  while (due.size > 0) {
    if (answer === AGAIN)
      for (const number of due) msgsnd(items, ITEM, item.pack({ pid: getpid(), producer, number }));
    answer = reply.unpack(msgrcv(replies, reply.sizeBytes, getpid()).data).number;
    due.delete(answer);
  }
}
