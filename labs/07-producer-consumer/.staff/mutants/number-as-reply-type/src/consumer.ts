import { msgrcv, msgsnd } from '@ipclab/native';
import { PILL, type Queues, item, reply } from './messages.js';

/** Consumes items until it gets a pill. */
export function consume({ items, replies }: Queues): void {
  for (;;) {
    const { mtype, data } = msgrcv(items, item.sizeBytes, -PILL);
    if (mtype === PILL) return;
    const { producer, number } = item.unpack(data);
    console.log(`item ${number} of producer ${producer}`);
    // Only now: who acknowledges first and dies then has lost it.
    msgsnd(replies, 10 + producer, reply.pack({ number }));
  }
}
