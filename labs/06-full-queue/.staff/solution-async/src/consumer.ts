import { IPC_RMID, ftok, msgctl, msgget, promises } from '@ipclab/native';
import { CONFIRMATION, CONFIRMATIONS, END, ITEMS, KEY_FILE, numbered } from './messages.js';

async function* receive(queue: number): AsyncGenerator<number> {
  for (;;) {
    const { mtype, data } = await promises.msgrcv(queue, numbered.sizeBytes, -END);
    if (mtype === END) return;
    yield numbered.unpack(data).number;
  }
}

const items = msgget(ftok(KEY_FILE, ITEMS));
const confirmations = process.argv[2] === 'confirm' ? msgget(ftok(KEY_FILE, CONFIRMATIONS)) : undefined;
for await (const number of receive(items)) {
  console.log(`item ${number}`);
  if (confirmations !== undefined) await promises.msgsnd(confirmations, CONFIRMATION, numbered.pack({ number }));
}
msgctl(items, IPC_RMID);
console.log('end');
