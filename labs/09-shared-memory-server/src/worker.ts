import { msgrcv } from '@ipclab/native';
import { DONE, JOB, message, readSlot, writeSlot } from './board.js';

/** What the server makes, and its workers inherit. */
export interface Shared {
  board: Buffer;
  semaphores: number;
  queue: number;
}

/** Does one job after the other. So far it thinks that it is alone. */
export function work({ board, queue }: Shared): never {
  for (;;) {
    const { slot } = message.unpack(msgrcv(queue, message.sizeBytes, JOB).data);
    // TODO: take the lock. Is this slot still waiting for a worker? Then say that you are at it, and give the lock back.
    const { text } = readSlot(board, slot);
    const result = text.toUpperCase();
    // TODO: under the lock, too. And count the job.
    writeSlot(board, slot, { state: DONE, text: result });
    // TODO: reply to the client.
  }
}
