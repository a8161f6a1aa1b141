import { getpid, msgrcv, msgsnd, shmat, shmdt } from '@ipclab/native';
import { AT_WORK, DONE, JOB, WAITING, message, readDone, readSlot, writeDone, writeSlot } from './board.js';
import { lock, unlock } from './lock.js';

/** What the server makes, and its workers inherit. */
export interface Shared {
  segment: number;
  semaphores: number;
  queue: number;
}

/** Does one job after the other. */
export function work({ segment, semaphores, queue }: Shared): never {
  for (;;) {
    const { slot } = message.unpack(msgrcv(queue, message.sizeBytes, JOB).data);
    const before = shmat(segment);
    lock(semaphores);
    const { state, client, text } = readSlot(before, slot);
    // It may have been announced twice: then another one is at it.
    if (state === WAITING) writeSlot(before, slot, { state: AT_WORK, worker: getpid() });
    unlock(semaphores);
    shmdt(before);
    if (state !== WAITING) continue;

    const result = text.toUpperCase();

    const after = shmat(segment);
    lock(semaphores);
    writeSlot(after, slot, { state: DONE, text: result });
    writeDone(after, readDone(after) + 1);
    unlock(semaphores);
    shmdt(after);
    msgsnd(queue, client, message.pack({ slot }));
  }
}
