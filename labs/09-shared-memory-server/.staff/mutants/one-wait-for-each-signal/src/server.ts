import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_RMID,
  SETALL,
  SIGCHLD,
  SIGTERM,
  SIG_BLOCK,
  SIG_DFL,
  SIG_SETMASK,
  WNOHANG,
  fork,
  ftok,
  kill,
  msgctl,
  msgget,
  msgsnd,
  semctl,
  semget,
  shmat,
  shmctl,
  shmdt,
  shmget,
  sigaddset,
  sigemptyset,
  signal,
  sigprocmask,
  sigsuspend,
  waitpid,
} from '@ipclab/native';
import {
  AT_WORK,
  BOARD_BYTES,
  BOARD_PROJECT,
  DONE,
  JOB,
  KEY_FILE,
  QUEUE_PROJECT,
  SEMAPHORES_PROJECT,
  SLOTS,
  WAITING,
  message,
  readDone,
  readSlot,
  writeSlot,
} from './board.js';
import { lock, unlock } from './lock.js';
import { type Shared, work } from './worker.js';

const NEW = IPC_CREAT | IPC_EXCL | 0o600;

/** Makes the board; answers null if there is one already. */
function makeBoard(): number | null {
  try {
    return shmget(ftok(KEY_FILE, BOARD_PROJECT), BOARD_BYTES, NEW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return null;
  }
}

/** Nobody knows how far the dead one had come, but the board does. */
function recover({ board, semaphores, queue }: Shared, dead: number): void {
  lock(semaphores);
  for (let slot = 0; slot < SLOTS; slot++) {
    const { state, client, worker } = readSlot(board, slot);
    const wasAtIt = state === AT_WORK && worker === dead;
    if (wasAtIt) writeSlot(board, slot, { state: WAITING });
    // Perhaps it had taken the message only; perhaps there was nothing to do but to reply.
    if (wasAtIt || state === WAITING) msgsnd(queue, JOB, message.pack({ slot }));
    if (state === DONE && worker === dead) msgsnd(queue, client, message.pack({ slot }));
  }
  unlock(semaphores);
}

function main(): number {
  let isStopped = false;
  // Blocked but while we wait: so neither comes between a look and the wait.
  const signals = sigemptyset();
  sigaddset(signals, SIGTERM);
  sigaddset(signals, SIGCHLD);
  const previous = sigprocmask(SIG_BLOCK, signals);
  signal(SIGTERM, () => (isStopped = true));
  signal(SIGCHLD, () => {});

  const segment = makeBoard();
  if (segment === null) {
    console.error('server: another server is running');
    return 1;
  }
  const board = shmat(segment);
  const semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 2, NEW);
  semctl(semaphores, 0, SETALL, [1, SLOTS]);
  // The last one: who finds the queue finds all the rest.
  const queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT), NEW);
  const shared: Shared = { board, semaphores, queue };

  const startWorker = (): number => {
    const pid = fork();
    if (pid > 0) return pid;
    signal(SIGTERM, SIG_DFL);
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_SETMASK, previous);
    work(shared);
  };
  const workers = new Set<number>();
  for (let count = Number(process.argv[2]); count > 0; count--) workers.add(startWorker());

  for (;;) {
    sigsuspend(previous);
    if (isStopped) break;
    const { pid } = waitpid(-1, WNOHANG);
    if (pid > 0) {
      workers.delete(pid);
      recover(shared, pid);
      workers.add(startWorker());
    }
  }

  for (const worker of workers) kill(worker, SIGTERM);
  for (const worker of workers) waitpid(worker);
  console.log(`${readDone(board)} jobs done`);
  msgctl(queue, IPC_RMID);
  semctl(semaphores, 0, IPC_RMID);
  shmdt(board);
  shmctl(segment, IPC_RMID);
  return 0;
}

process.exitCode = main();
