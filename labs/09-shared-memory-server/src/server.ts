import { IPC_CREAT, fork, ftok, msgget, pause, semget, shmat, shmget } from '@ipclab/native';
import { BOARD_BYTES, BOARD_PROJECT, KEY_FILE, QUEUE_PROJECT, SEMAPHORES_PROJECT } from './board.js';
import { type Shared, work } from './worker.js';

/** Forks a worker. Answers its pid. */
function startWorker(shared: Shared): number {
  const pid = fork();
  if (pid > 0) return pid;
  // TODO: what has the child inherited that it must not have?
  work(shared);
}

/** `server WORKERS`: so far it starts them, and then sleeps. */
function main(): void {
  // TODO: SIGTERM and SIGCHLD may come at any moment from here on.
  // TODO: what if there is a server already? In which order should these three be made, so that a client finds all of them, or none?
  const queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT), IPC_CREAT | 0o600);
  const semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 2, IPC_CREAT | 0o600);
  const board = shmat(shmget(ftok(KEY_FILE, BOARD_PROJECT), BOARD_BYTES, IPC_CREAT | 0o600));
  // TODO: the first values of the semaphores.
  for (let count = Number(process.argv[2]); count > 0; count--) startWorker({ board, semaphores, queue });
  // TODO: wait for what comes. Has a worker died? Look at the board, mend it, and start another one. Is it SIGTERM? Stop the
  // workers, wait for them, print how many jobs were done, and remove everything.
  pause();
}

main();
