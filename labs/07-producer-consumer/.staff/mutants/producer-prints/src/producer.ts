import { getpid, msgrcv, msgsnd } from '@ipclab/native';
import { AGAIN, ITEM, type Queues, item, reply } from './messages.js';

/** Sends its items one at a time, each until it is acknowledged. */
export function produce({ items, replies }: Queues, producer: number, count: number): void {
  for (let number = 1; number <= count; number++) {
    console.log(`item ${number} of producer ${producer}`);
    let answer = AGAIN;
    while (answer !== number) {
      if (answer === AGAIN) msgsnd(items, ITEM, item.pack({ pid: getpid(), producer, number }));
      // A number below ours acknowledges an item that was sent twice: there is nothing to do but wait on.
      answer = reply.unpack(msgrcv(replies, reply.sizeBytes, getpid()).data).number;
    }
  }
}
