import { promises } from '@ipclab/native';
import { ITEM, type Queues, item, reply } from './messages.js';

/** The items that come, until a pill comes. */
async function* takeItems(queue: number): AsyncGenerator<Buffer> {
  for (;;) {
    const { mtype, data } = await promises.msgrcv(queue, item.sizeBytes, 0);
    if (mtype !== ITEM) return;
    yield data;
  }
}

/** Prints each item, and then acknowledges it. */
export async function consume({ items, replies }: Queues): Promise<void> {
  for await (const data of takeItems(items)) {
    const { pid, producer, number } = item.unpack(data);
    console.log(`item ${number} of producer ${producer}`);
    await promises.msgsnd(replies, pid, reply.pack({ number }));
  }
}
