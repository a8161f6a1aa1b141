import { getpid, msgsnd } from '@ipclab/native';
import { ITEM, type Queues, item } from './messages.js';

/** Sends the items 1 … count. So far it does not care what becomes of them. */
export function produce({ items }: Queues, producer: number, count: number): void {
  for (let number = 1; number <= count; number++) {
    msgsnd(items, ITEM, item.pack({ pid: getpid(), producer, number }));
    // TODO: an item is done when its reply has come. What if main asks for it AGAIN?
  }
}
