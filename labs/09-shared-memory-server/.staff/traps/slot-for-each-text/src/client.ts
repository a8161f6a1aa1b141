import { SEM_UNDO, ftok, getpid, msgget, msgrcv, msgsnd, semget, semop, shmat, shmdt, shmget } from '@ipclab/native';
import {
  BOARD_PROJECT,
  DONE,
  FREE,
  JOB,
  KEY_FILE,
  LOCK,
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

/** Takes a slot for this one text, and gives it back. */
function convert(board: Buffer, semaphores: number, queue: number, text: string): string {
  // Both or neither: so nobody has the lock and waits for room.
  semop(semaphores, [
    { num: ROOM, op: -1 },
    { num: LOCK, op: -1, flags: SEM_UNDO },
  ]);
  let slot = 0;
  while (readSlot(board, slot).state !== FREE) slot++;
  writeSlot(board, slot, { state: WAITING, client: getpid(), text });
  unlock(semaphores);
  msgsnd(queue, JOB, message.pack({ slot }));
  for (;;) {
    msgrcv(queue, message.sizeBytes, getpid());
    lock(semaphores);
    const found = readSlot(board, slot);
    if (found.state === DONE) {
      writeSlot(board, slot, { state: FREE, client: 0, worker: 0, text: '' });
      semop(semaphores, [
        { num: ROOM, op: 1 },
        { num: LOCK, op: 1, flags: SEM_UNDO },
      ]);
      return found.text;
    }
    unlock(semaphores);
  }
}

function main(): number {
  let board: Buffer | null = null;
  try {
    const queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT));
    const semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 0);
    board = shmat(shmget(ftok(KEY_FILE, BOARD_PROJECT), 0));
    for (const text of process.argv.slice(2)) console.log(convert(board, semaphores, queue, text));
    return 0;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      console.error('client: no server is running');
      return 2;
    }
    if (codeOf(error) !== 'EIDRM' && codeOf(error) !== 'EINVAL') throw error;
    console.error('client: the server has stopped');
    return 1;
  } finally {
    if (board) shmdt(board);
  }
}

process.exitCode = main();
