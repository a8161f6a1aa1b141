import { msgrcv, msgsnd } from '@ipclab/native';
import { ITEM, type Queues, item, reply } from './messages.js';

function takeItem(items: number): Buffer | null {
  try {
    return msgrcv(items, item.sizeBytes, ITEM).data;
  } catch (error) {
    if (['EIDRM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

/** Consumes items until it gets a pill. */
export function consume({ items, replies }: Queues): void {
  for (;;) {
    const data = takeItem(items);
    if (data === null) return;
    const { pid, producer, number } = item.unpack(data);
    console.log(`item ${number} of producer ${producer}`);
    // Only now: who acknowledges first and dies then has lost it.
    msgsnd(replies, pid, reply.pack({ number }));
  }
}
