import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_RMID,
  SIGTERM,
  SIG_BLOCK,
  SIG_IGN,
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
import { KEY_FILE, KEY_PROJECT, NORMAL, REQUEST_BYTES, packReply, unpackRequest } from './messages.js';

let queue = -1;

class Stopped extends Error {}

// Comes out of the call that the signal has interrupted, or else of the next one.
function stop(): void {
  signal(SIGTERM, SIG_IGN);
  throw new Stopped();
}

function answer(flags = 0): void {
  const { client, sequence, text } = unpackRequest(msgrcv(queue, REQUEST_BYTES, -NORMAL, flags).data);
  msgsnd(queue, client, packReply({ sequence, text: text.toUpperCase() }), flags);
}

/** Answers what is in the queue already. */
function drain(): void {
  try {
    for (;;) answer(IPC_NOWAIT);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOMSG') throw error;
  }
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

function main(): void {
  // A handler must know the queue that it has to remove: SIGTERM waits until the id is in the variable.
  const signals = sigemptyset();
  sigaddset(signals, SIGTERM);
  const previous = sigprocmask(SIG_BLOCK, signals);
  signal(SIGTERM, stop);
  queue = makeQueue();

  try {
    sigprocmask(SIG_SETMASK, previous);
    for (;;) answer();
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    drain();
  } finally {
    msgctl(queue, IPC_RMID);
  }
}

main();
