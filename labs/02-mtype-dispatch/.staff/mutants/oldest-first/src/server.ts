import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_RMID,
  MSG_EXCEPT,
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
import { KEY_FILE, KEY_PROJECT, REQUEST_BYTES, packReply, unpackRequest } from './messages.js';

// All replies have this type; who a reply is for, it says itself.
const REPLY = 3;

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

function main(): void {
  // A handler must know the queue that it has to remove: SIGTERM waits until the id is in the variable.
  const signals = sigemptyset();
  sigaddset(signals, SIGTERM);
  const previous = sigprocmask(SIG_BLOCK, signals);
  signal(SIGTERM, stop);
  queue = makeQueue();
  sigprocmask(SIG_SETMASK, previous);

  for (;;) {
    const { sequence, text } = unpackRequest(msgrcv(queue, REQUEST_BYTES, REPLY, MSG_EXCEPT).data);
    msgsnd(queue, REPLY, packReply({ sequence, text: text.toUpperCase() }));
  }
}

main();
