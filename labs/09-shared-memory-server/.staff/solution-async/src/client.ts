import { ftok, msgget, promises, semget, semop, shmat, shmdt, shmget } from '@ipclab/native';
import {
  BOARD_PROJECT,
  DONE,
  FREE,
  HELD,
  JOB,
  KEY_FILE,
  QUEUE_PROJECT,
  ROOM,
  SEMAPHORES_PROJECT,
  SLOTS,
  WAITING,
  message,
  readSlot,
  writeSlot,
} from './board.js';
import { isGone, withLock } from './lock.js';

/** A slot that this process has. */
class Seat {
  private constructor(
    private readonly board: Buffer,
    private readonly semaphores: number,
    private readonly queue: number,
    private readonly slot: number,
  ) {}

  static take(board: Buffer, semaphores: number, queue: number): Seat {
    semop(semaphores, [{ num: ROOM, op: -1 }]);
    const slot = withLock(semaphores, () => {
      const free = Array.from({ length: SLOTS }, (_, index) => index).find(
        (index) => readSlot(board, index).state === FREE,
      );
      if (free === undefined) throw new Error('There is room, and no slot is free');
      writeSlot(board, free, { state: HELD, client: process.pid });
      return free;
    });
    return new Seat(board, semaphores, queue, slot);
  }

  async convert(text: string): Promise<string> {
    withLock(this.semaphores, () => writeSlot(this.board, this.slot, { state: WAITING, text }));
    await promises.msgsnd(this.queue, JOB, message.pack({ slot: this.slot }));
    for (;;) {
      await promises.msgrcv(this.queue, message.sizeBytes, process.pid);
      const result = withLock(this.semaphores, () => this.#takeResult());
      if (result !== null) return result;
    }
  }

  #takeResult(): string | null {
    const { state, text } = readSlot(this.board, this.slot);
    if (state !== DONE) return null;
    writeSlot(this.board, this.slot, { state: HELD });
    return text;
  }

  leave(): void {
    withLock(this.semaphores, () => writeSlot(this.board, this.slot, { state: FREE, client: 0, text: '' }));
    semop(this.semaphores, [{ num: ROOM, op: 1 }]);
  }
}

async function main(): Promise<number> {
  let board: Buffer | undefined;
  try {
    const queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT));
    board = shmat(shmget(ftok(KEY_FILE, BOARD_PROJECT), 0));
    const seat = Seat.take(board, semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 0), queue);
    for (const text of process.argv.slice(2)) console.log(await seat.convert(text));
    seat.leave();
    return 0;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (!isMissing && !isGone(error)) throw error;
    console.error(isMissing ? 'there is no server' : 'the server is gone');
    return isMissing ? 2 : 1;
  } finally {
    if (board) shmdt(board);
  }
}

void main().then((code) => process.exit(code));
