import { ftok, getpid, msgget, msgsnd, semget, shmat, shmget } from '@ipclab/native';
import {
  BOARD_PROJECT,
  JOB,
  KEY_FILE,
  QUEUE_PROJECT,
  SEMAPHORES_PROJECT,
  WAITING,
  message,
  readSlot,
  writeSlot,
} from './board.js';

/** `client TEXT…`: so far it believes that slot 0 is its own, and that the result is there at once. */
function main(): void {
  // TODO: what if there is no server? What if it stops while we use the board?
  const queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT));
  const semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 0);
  const board = shmat(shmget(ftok(KEY_FILE, BOARD_PROJECT), 0));
  // TODO: register: wait until there is room, and take a free slot, under the lock.
  void semaphores;
  const slot = 0;
  for (const text of process.argv.slice(2)) {
    writeSlot(board, slot, { state: WAITING, client: getpid(), text });
    msgsnd(queue, JOB, message.pack({ slot }));
    // TODO: wait for the reply. Does it always mean that the job is done?
    console.log(readSlot(board, slot).text);
  }
  // TODO: give the slot back, and detach.
}

main();
