import { getpid, msgrcv, msgsnd } from '@ipclab/native';
import { ITEM, type Queues, item, reply } from './messages.js';

/** Sends its items one at a time, each until it is acknowledged. */
export function produce({ items, replies }: Queues, producer: number, count: number): void {
  for (let number = 1; number <= count; number++) {
    msgsnd(items, ITEM, item.pack({ pid: getpid(), producer, number }));
    msgrcv(replies, reply.sizeBytes, getpid());
  }
}
