import { ftok, msgget, msgrcv, msgsnd } from '@ipclab/native';
import { CONFIRMATION, CONFIRMATIONS, END, ITEMS, KEY_FILE, numbered } from './messages.js';

function main(): void {
  const items = msgget(ftok(KEY_FILE, ITEMS));
  const confirmations = process.argv[2] === 'confirm' ? msgget(ftok(KEY_FILE, CONFIRMATIONS)) : undefined;
  for (;;) {
    // The end has the higher type: it comes when no item is left.
    const { mtype, data } = msgrcv(items, numbered.sizeBytes, -END);
    if (mtype === END) break;
    const { number } = numbered.unpack(data);
    console.log(`item ${number}`);
    if (confirmations !== undefined) msgsnd(confirmations, CONFIRMATION, numbered.pack({ number }));
  }
  console.log('end');
}

main();
