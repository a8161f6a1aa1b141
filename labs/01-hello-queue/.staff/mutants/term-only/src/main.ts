import {
  IPC_CREAT,
  IPC_PRIVATE,
  IPC_RMID,
  SIGTERM,
  SIG_BLOCK,
  SIG_SETMASK,
  _exit,
  fork,
  getpid,
  msgctl,
  msgget,
  msgrcv,
  msgsnd,
  sigaddset,
  sigemptyset,
  signal,
  sigprocmask,
  waitpid,
} from '@ipclab/native';

const TYPE = 42;
const INT_BYTES = 4;

const parent = getpid();
let queue = -1;

const isGone = (error: unknown): boolean => ['EIDRM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '');

function removeQueue(): void {
  try {
    msgctl(queue, IPC_RMID);
  } catch (error) {
    // A signal may arrive when the queue has just been removed.
    if (!isGone(error)) throw error;
  }
}

// The child has this handler too, but the queue is the parent's.
function stop(): void {
  if (getpid() === parent && queue !== -1) removeQueue();
  _exit(1);
}

function receive(): void {
  try {
    const { data } = msgrcv(queue, INT_BYTES, TYPE);
    console.log(`Received ${data.readInt32LE()}!`);
  } catch (error) {
    if (!isGone(error)) throw error;
    // The parent was told to stop, and took the queue with it.
    process.exitCode = 1;
  }
}

function send(): void {
  const data = Buffer.alloc(INT_BYTES);
  data.writeInt32LE(252);
  msgsnd(queue, TYPE, data);
}

function main(): void {
  // Between the making of the queue and the moment its id is in the variable, a handler would not know what to remove.
  const signals = sigemptyset();
  sigaddset(signals, SIGTERM);
  const previous = sigprocmask(SIG_BLOCK, signals);
  signal(SIGTERM, stop);
  queue = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
  sigprocmask(SIG_SETMASK, previous);

  const pid = fork();
  if (pid === 0) {
    receive();
    return;
  }
  send();
  const { code } = waitpid(pid);
  removeQueue();
  process.exitCode = code === 0 ? 0 : 1;
}

main();
