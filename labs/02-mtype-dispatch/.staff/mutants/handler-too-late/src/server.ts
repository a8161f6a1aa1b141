import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_RMID,
  SIGTERM,
  _exit,
  ftok,
  msgctl,
  msgget,
  msgrcv,
  msgsnd,
  signal,
} from '@ipclab/native';
import { KEY_FILE, KEY_PROJECT, NORMAL, REQUEST_BYTES, packReply, unpackRequest } from './messages.js';

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
  queue = makeQueue();
  signal(SIGTERM, stop);

  for (;;) {
    const { client, sequence, text } = unpackRequest(msgrcv(queue, REQUEST_BYTES, -NORMAL).data);
    msgsnd(queue, client, packReply({ sequence, text: text.toUpperCase() }));
  }
}

main();
