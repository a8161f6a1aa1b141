import { IPC_NOWAIT, msgrcv, msgsnd } from '@ipclab/native';
import { ITEM, PILL, type Queues, item, reply } from './messages.js';

function takeMore(items: number, stack: Buffer[]): void {
  try {
    for (;;) stack.push(msgrcv(items, item.sizeBytes, ITEM, IPC_NOWAIT).data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOMSG') throw error;
  }
}

/** Consumes items until it gets a pill. */
export function consume({ items, replies }: Queues): void {
  const stack: Buffer[] = [];
  for (;;) {
    if (stack.length === 0) {
      const { mtype, data } = msgrcv(items, item.sizeBytes, -PILL);
      if (mtype === PILL) return;
      stack.push(data);
    }
    takeMore(items, stack);
    const { pid, producer, number } = item.unpack(stack.pop()!);
    console.log(`item ${number} of producer ${producer}`);
    // Only now: who acknowledges first and dies then has lost it.
    msgsnd(replies, pid, reply.pack({ number }));
  }
}
