import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_RMID,
  SETALL,
  WNOHANG,
  fork,
  ftok,
  msgctl,
  msgget,
  msgsnd,
  semctl,
  semget,
  shmat,
  shmctl,
  shmdt,
  shmget,
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
import { withLock } from './lock.js';
import { type Shared, work } from './worker.js';

const MINE = IPC_CREAT | IPC_EXCL | 0o600;
const SIGNALS = ['SIGTERM', 'SIGCHLD'] as const;

/** Signals in the order in which the event loop learns of them. */
class SignalStream {
  readonly #happened: string[] = [];
  #wake = () => {};

  constructor() {
    for (const name of SIGNALS)
      process.on(name, () => {
        this.#happened.push(name);
        this.#wake();
      });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    // Waiting for a signal alone does not keep Node running.
    const alive = setInterval(() => {}, 2 ** 30);
    try {
      for (;;) {
        while (this.#happened.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
        yield this.#happened.shift()!;
      }
    } finally {
      clearInterval(alive);
    }
  }
}

function makeSegment(): number {
  try {
    return shmget(ftok(KEY_FILE, BOARD_PROJECT), BOARD_BYTES, MINE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    console.error('another server uses this board');
    process.exit(1);
  }
}

function startWorker(shared: Shared): void {
  if (fork() > 0) return;
  for (const name of SIGNALS) process.removeAllListeners(name);
  void work(shared);
  // Whoever called us must not go on in the child.
  throw new Child();
}
class Child extends Error {}

/** Sends again whatever the dead one may have left unsent. */
function announceAgain({ board, semaphores, queue }: Shared, dead: number): void {
  const letters = withLock(semaphores, () =>
    Array.from({ length: SLOTS }, (_, slot) => {
      const { state, worker, client } = readSlot(board, slot);
      if (state === AT_WORK && worker === dead) writeSlot(board, slot, { state: WAITING });
      if (state === WAITING || (state === AT_WORK && worker === dead)) return { type: JOB, slot };
      return state === DONE && worker === dead ? { type: client, slot } : null;
    }),
  );
  for (const letter of letters) if (letter) msgsnd(queue, letter.type, message.pack({ slot: letter.slot }));
}

async function serve(shared: Shared, signals: SignalStream, workers: number): Promise<void> {
  for (let count = workers; count > 0; count--) startWorker(shared);
  for await (const name of signals) {
    if (name === 'SIGTERM') return;
    for (let { pid } = waitpid(-1, WNOHANG); pid > 0; { pid } = waitpid(-1, WNOHANG)) {
      announceAgain(shared, pid);
      startWorker(shared);
    }
  }
}

function reapAll(): void {
  try {
    for (;;) waitpid(-1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ECHILD') throw error;
  }
}

async function main(): Promise<void> {
  const signals = new SignalStream();
  const segment = makeSegment();
  const board = shmat(segment);
  const semaphores = semget(ftok(KEY_FILE, SEMAPHORES_PROJECT), 2, MINE);
  semctl(semaphores, 0, SETALL, [1, SLOTS]);
  const queue = msgget(ftok(KEY_FILE, QUEUE_PROJECT), MINE);

  await serve({ board, semaphores, queue }, signals, Number(process.argv[2]));

  msgctl(queue, IPC_RMID);
  semctl(semaphores, 0, IPC_RMID);
  reapAll();
  console.log(`${readDone(board)} jobs done`);
  shmdt(board);
  shmctl(segment, IPC_RMID);
  process.exit(0);
}

main().catch((error: unknown) => {
  if (!(error instanceof Child)) throw error;
});
