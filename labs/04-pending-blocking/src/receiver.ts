import { IPC_CREAT, IPC_EXCL, ftok, msgget, msgrcv, msgsnd, pause, sigaction } from '@ipclab/native';
import { HELLO, KEY_FILE, KEY_PROJECT, NUMBER_BYTES, unpackNumber } from './messages.js';

let counted = 0;

/** `receiver`: counts SIGUSR1. So far it books nothing, acknowledges nothing, and may sleep when it should not. */
function main(): void {
  // TODO: SIGINT and SIGTERM.
  sigaction('SIGUSR1', { handler: () => (counted += 1) });
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);

  // TODO: a SIGINT interrupts this call, and is not the end of the world.
  const sender = unpackNumber(msgrcv(queue, NUMBER_BYTES, HELLO).data);
  msgsnd(queue, sender, '');

  // TODO: if the signal comes just before pause, what wakes it up?
  pause();
  // TODO: book it: a debit and a credit, with nothing in between.
  // TODO: acknowledge it. Then wait for the next one, until SIGTERM says that there is none.
  console.log(`counted ${counted}`);
}

main();
