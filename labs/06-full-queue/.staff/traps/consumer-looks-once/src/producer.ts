import { IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_RMID, ftok, msgctl, msgget, msgrcv, msgsnd } from '@ipclab/native';
import { CONFIRMATION, CONFIRMATIONS, END, ITEM, ITEMS, KEY_FILE, numbered } from './messages.js';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const makeQueue = (project: string): number => msgget(ftok(KEY_FILE, project), IPC_CREAT | IPC_EXCL | 0o600);

/** Sends an item if there is room. */
function trySend(items: number, number: number): boolean {
  try {
    msgsnd(items, ITEM, numbered.pack({ number }), IPC_NOWAIT);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EAGAIN') throw error;
    return false;
  }
}

/** Takes the oldest item out, if the consumer has left one. */
function tryTake(items: number): void {
  try {
    msgrcv(items, numbered.sizeBytes, ITEM, IPC_NOWAIT);
  } catch (error) {
    if (codeOf(error) !== 'ENOMSG') throw error;
  }
}

function sendAll(items: number, policy: string, count: number): void {
  for (let number = 1; number <= count; number++) {
    if (policy === 'wait') msgsnd(items, ITEM, numbered.pack({ number }));
    else if (policy === 'discard') trySend(items, number);
    else while (!trySend(items, number)) tryTake(items);
  }
}

/** Where there is no room, the consumer has something to confirm: so we wait for that, and are never both waiting to send. */
function sendConfirmed(items: number, count: number): void {
  const confirmations = makeQueue(CONFIRMATIONS);
  const takeConfirmation = () => msgrcv(confirmations, numbered.sizeBytes, CONFIRMATION);
  let open = 0;
  for (let number = 1; number <= count; number++, open++)
    while (!trySend(items, number)) {
      takeConfirmation();
      open--;
    }
  for (; open > 0; open--) takeConfirmation();
  msgctl(confirmations, IPC_RMID);
}

function main(): void {
  const [policy = '', count] = process.argv.slice(2);
  const items = makeQueue(ITEMS);
  if (policy === 'confirm') sendConfirmed(items, Number(count));
  else sendAll(items, policy, Number(count));
  // The end is not given up: it waits for room.
  msgsnd(items, END, numbered.pack({ number: Number(count) }));
}

main();
