import {
  IPC_CREAT,
  IPC_NOWAIT,
  IPC_PRIVATE,
  IPC_RMID,
  SIGINT,
  SIGTERM,
  fork,
  msgctl,
  msgget,
  msgrcv,
  msgsnd,
  sigaction,
  waitpid,
} from '@ipclab/native';

const TYPE = 42;
const INT_BYTES = 4;

let queue = -1;
let isStopped = false;

const isGone = (error: unknown): boolean => ['EIDRM', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '');

function removeQueue(): void {
  try {
    msgctl(queue, IPC_RMID);
  } catch (error) {
    // A signal may arrive when the queue has just been removed.
    if (!isGone(error)) throw error;
  }
}

// The message is on its way in any case, so that nobody needs to hurry: a stop is noted, and told by the exit code.
function stop(): void {
  isStopped = true;
}

/** Makes a call again that a handler has interrupted. */
function finish<T>(call: () => T): T {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINTR') throw error;
    }
  }
}

/** Is something there already? ENOMSG is the usual answer. */
function look(): void {
  try {
    msgrcv(queue, INT_BYTES, TYPE + 1, IPC_NOWAIT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOMSG') throw error;
  }
}

function receive(): void {
  try {
    look();
    const { data } = finish(() => msgrcv(queue, INT_BYTES, TYPE));
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
  finish(() => msgsnd(queue, TYPE, data));
}

function main(): void {
  for (const sig of [SIGTERM, SIGINT]) sigaction(sig, { handler: stop });
  queue = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);

  const pid = fork();
  if (pid === 0) {
    receive();
    return;
  }
  send();
  const { code } = finish(() => waitpid(pid));
  removeQueue();
  process.exitCode = code === 0 && !isStopped ? 0 : 1;
}

main();
