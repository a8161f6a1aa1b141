import { promises } from '@ipclab/native';
import { AGAIN, ITEM, type Queues, item, reply } from './messages.js';

/** Sends all of its items at once, and at the same time takes the replies, until every item is acknowledged. */
export async function produce({ items, replies }: Queues, producer: number, count: number): Promise<void> {
  const due = new Set(Array.from({ length: count }, (_, index) => index + 1));
  // One after the other: promises that wait at the same time have no order.
  let sending = Promise.resolve();
  const sendDue = () => {
    sending = sending.then(async () => {
      for (const number of due) await promises.msgsnd(items, ITEM, item.pack({ pid: process.pid, producer, number }));
    });
  };

  sendDue();
  while (due.size > 0) {
    const { data } = await promises.msgrcv(replies, reply.sizeBytes, process.pid);
    const { number } = reply.unpack(data);
    if (number === AGAIN) sendDue();
    else due.delete(number);
  }
  await sending;
}
