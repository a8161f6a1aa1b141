import { getpid, msgrcv, msgsnd } from '@ipclab/native';
import { AT_WORK, DONE, JOB, WAITING, message, readDone, readSlot, writeDone, writeSlot } from './board.js';
import { lock, unlock } from './lock.js';

/** What the server makes, and its workers inherit. */
export interface Shared {
  board: Buffer;
  semaphores: number;
  queue: number;
}

/** Does one job after the other. */
export function work({ board, semaphores, queue }: Shared): never {
  for (;;) {
    const { slot } = message.unpack(msgrcv(queue, message.sizeBytes, JOB).data);
    lock(semaphores);
    const { state, text } = readSlot(board, slot);
    // It may have been announced twice: then another one is at it.
    if (state === WAITING) writeSlot(board, slot, { state: AT_WORK, worker: getpid() });
    unlock(semaphores);
    if (state !== WAITING) continue;

    const result = text.toUpperCase();

    lock(semaphores);
    writeSlot(board, slot, { state: DONE, text: result });
    writeDone(board, readDone(board) + 1);
    unlock(semaphores);
    msgsnd(queue, getpid(), message.pack({ slot }));
  }
}
