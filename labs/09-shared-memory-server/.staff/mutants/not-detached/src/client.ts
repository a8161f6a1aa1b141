import { ftok, getpid, msgget, msgrcv, msgsnd, semget, semop, shmat, shmget } from '@ipclab/native';
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
  WAITING,
  message,
  readSlot,
  writeSlot,
} from './board.js';
import { lock, unlock } from './lock.js';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function useBoard(board: Buffer, semaphores: number, queue: number, texts: readonly string[]): void {
  // Without SEM_UNDO: the slot of a client that dies does not become free.
  semop(semaphores, [{ num: ROOM, op: -1 }]);
  lock(semaphores);
  let slot = 0;
  while (readSlot(board, slot).state !== FREE) slot++;
  writeSlot(board, slot, { state: HELD, client: getpid() });
  unlock(semaphores);

  for (const text of texts) {
    lock(semaphores);
    writeSlot(board, slot, { state: WAITING, text });
    unlock(semaphores);
    msgsnd(queue, JOB, message.pack({ slot }));
    let result: string | null = null;
    // A reply may come twice. Only the board tells whether the job is done.
    while (result === null) {
      msgrcv(queue, message.sizeBytes, getpid());
      lock(semaphores);
      const found = readSlot(board, slot);
      if (found.state === DONE) {
        result = found.text;
        writeSlot(board, slot, { state: HELD });
      }
      unlock(semaphores);
    }
    console.log(result);
  }

  lock(semaphores);
  writeSlot(board, slot, { state: FREE, client: 0, worker: 0, text: '' });
  unlock(semaphores);
  semop(semaphores, [{ num: ROOM, op: 1 }]);
}

function main(): number {
  try {
    const queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT));
    const semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 0);
    const board = shmat(shmget(ftok(KEY_FILE, BOARD_PROJECT), 0));
    useBoard(board, semaphores, queue, process.argv.slice(2));
    return 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      console.error('client: no server is running');
      return 2;
    }
    if (codeOf(error) !== 'EIDRM' && codeOf(error) !== 'EINVAL') throw error;
    console.error('client: the server has stopped');
    return 1;
  }
}

process.exitCode = main();
