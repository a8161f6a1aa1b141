import { type Message, IPC_NOWAIT, IPC_RMID, ftok, msgctl, msgget, msgrcv, msgsnd } from '@ipclab/native';
import { CONFIRMATION, CONFIRMATIONS, END, ITEMS, KEY_FILE, numbered } from './messages.js';

/** The next message. */
function take(items: number): Message {
  for (;;)
    try {
      return msgrcv(items, numbered.sizeBytes, -END, IPC_NOWAIT);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOMSG') throw error;
    }
}

function main(): void {
  const items = msgget(ftok(KEY_FILE, ITEMS));
  const confirmations = process.argv[2] === 'confirm' ? msgget(ftok(KEY_FILE, CONFIRMATIONS)) : undefined;
  for (;;) {
    // The end has the higher type: it comes when no item is left.
    const { mtype, data } = take(items);
    if (mtype === END) break;
    const { number } = numbered.unpack(data);
    console.log(`item ${number}`);
    if (confirmations !== undefined) msgsnd(confirmations, CONFIRMATION, numbered.pack({ number }));
  }
  // Nobody sends after the end, so nobody needs the queue any more.
  msgctl(items, IPC_RMID);
  console.log('end');
}

main();
