import { msgrcv, msgsnd } from '@ipclab/native';
import { ITEM, PILL, type Queues, item, reply } from './messages.js';

/** Consumes items until it gets a pill. */
export function consume({ items, replies }: Queues): void {
  let last: number | undefined;
  for (;;) {
    const { mtype, data } = msgrcv(items, item.sizeBytes, -PILL);
    if (mtype === PILL) return;
    const { pid, producer, number } = item.unpack(data);
    if (last !== undefined && last !== producer) {
      last = producer;
      msgsnd(items, ITEM, data);
      continue;
    }
    last = producer;
    console.log(`item ${number} of producer ${producer}`);
    // Only now: who acknowledges first and dies then has lost it.
    msgsnd(replies, pid, reply.pack({ number }));
  }
}
