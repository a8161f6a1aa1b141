import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_RMID,
  SystemError,
  ftok,
  msgctl,
  msgget,
  msgrcv,
  msgsnd,
  promises,
} from '@ipclab/native';
import { CONFIRMATION, CONFIRMATIONS, END, ITEM, ITEMS, KEY_FILE, numbered } from './messages.js';

type Send = (items: number, data: Buffer) => Promise<void> | void;

/** Answers false if the call would have had to wait. */
function attempt(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch (error) {
    if (error instanceof SystemError && (error.code === 'EAGAIN' || error.code === 'ENOMSG')) return false;
    throw error;
  }
}

const send = (items: number, data: Buffer) => promises.msgsnd(items, ITEM, data);
const trySend = (items: number, data: Buffer) => attempt(() => msgsnd(items, ITEM, data, IPC_NOWAIT));

const POLICIES: Record<string, Send> = {
  wait: send,
  confirm: send,
  discard: (items, data) => void trySend(items, data),
  overwrite(items, data) {
    while (!trySend(items, data)) attempt(() => msgrcv(items, numbered.sizeBytes, ITEM, IPC_NOWAIT));
  },
};

async function takeConfirmations(confirmations: number, count: number): Promise<void> {
  for (let taken = 0; taken < count; taken++) await promises.msgrcv(confirmations, numbered.sizeBytes, CONFIRMATION);
  msgctl(confirmations, IPC_RMID);
}

async function main([policy = '', amount]: string[]): Promise<void> {
  const count = Number(amount);
  const makeQueue = (project: string) => msgget(ftok(KEY_FILE, project), IPC_CREAT | IPC_EXCL | 0o600);
  const items = makeQueue(ITEMS);
  // Both at the same time: whoever sends is never kept from receiving.
  const confirmed = policy === 'confirm' ? takeConfirmations(makeQueue(CONFIRMATIONS), count) : undefined;
  for (let number = 1; number <= count; number++) await POLICIES[policy]!(items, numbered.pack({ number }));
  await confirmed;
  await promises.msgsnd(items, END, numbered.pack({ number: count }));
}

await main(process.argv.slice(2));
