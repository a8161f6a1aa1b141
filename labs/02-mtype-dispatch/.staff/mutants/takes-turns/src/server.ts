import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_RMID,
  SIGTERM,
  SIG_BLOCK,
  SIG_SETMASK,
  _exit,
  ftok,
  msgctl,
  msgget,
  msgrcv,
  msgsnd,
  sigaddset,
  sigemptyset,
  signal,
  sigprocmask,
} from '@ipclab/native';
import { KEY_FILE, KEY_PROJECT, NORMAL, REQUEST_BYTES, URGENT, packReply, unpackRequest } from './messages.js';

let queue = -1;

function stop(): void {
  if (queue !== -1) msgctl(queue, IPC_RMID);
  _exit(0);
}

function makeQueue(): number {
  try {
    return msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    console.error('server: another server is running');
    _exit(1);
  }
}

let turn = NORMAL;

/** The next request: urgent and normal ones in turns, if there are any. */
function takeRequest(): Buffer {
  turn = URGENT + NORMAL - turn;
  try {
    return msgrcv(queue, REQUEST_BYTES, turn, IPC_NOWAIT).data;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOMSG') throw error;
    return msgrcv(queue, REQUEST_BYTES, -NORMAL).data;
  }
}

function main(): void {
  // A handler must know the queue that it has to remove: SIGTERM waits until the id is in the variable.
  const signals = sigemptyset();
  sigaddset(signals, SIGTERM);
  const previous = sigprocmask(SIG_BLOCK, signals);
  signal(SIGTERM, stop);
  queue = makeQueue();
  sigprocmask(SIG_SETMASK, previous);

  for (;;) {
    const { client, sequence, text } = unpackRequest(takeRequest());
    msgsnd(queue, client, packReply({ sequence, text: text.toUpperCase() }));
  }
}

main();
