import { promises, shmdt } from '@ipclab/native';
import { AT_WORK, DONE, JOB, WAITING, message, readDone, readSlot, writeDone, writeSlot } from './board.js';
import { isGone, withLock } from './lock.js';

/** What the server makes, and its workers inherit. */
export interface Shared {
  board: Buffer;
  semaphores: number;
  queue: number;
}

async function* receiveJobs(queue: number): AsyncGenerator<number> {
  for (;;) yield message.unpack((await promises.msgrcv(queue, message.sizeBytes, JOB)).data).slot;
}

function begin({ board, semaphores }: Shared, slot: number): string | null {
  return withLock(semaphores, () => {
    const { state, text } = readSlot(board, slot);
    if (state !== WAITING) return null;
    writeSlot(board, slot, { state: AT_WORK, worker: process.pid });
    return text;
  });
}

/** Answers the client that waits for it. */
function finish({ board, semaphores }: Shared, slot: number, text: string): number {
  return withLock(semaphores, () => {
    writeSlot(board, slot, { state: DONE, text });
    writeDone(board, readDone(board) + 1);
    return readSlot(board, slot).client;
  });
}

/** Does one job after the other, until the queue is gone. */
export async function work(shared: Shared): Promise<never> {
  try {
    for await (const slot of receiveJobs(shared.queue)) {
      const text = begin(shared, slot);
      if (text === null) continue;
      const client = finish(shared, slot, text.toUpperCase());
      await promises.msgsnd(shared.queue, client, message.pack({ slot }));
    }
  } catch (error) {
    if (!isGone(error)) throw error;
  }
  shmdt(shared.board);
  process.exit(0);
}
