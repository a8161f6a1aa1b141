import { IPC_CREAT, IPC_EXCL, ftok, msgget, msgrcv } from '@ipclab/native';
import { ITEM, ITEM_BYTES, KEY_FILE, KEY_PROJECT, createLosses, unpackItem } from './messages.js';

/** `receiver sync|async [lose-item N | lose-ack N]`: prints items. So far it acknowledges none, and waits for ever. */
function main(): void {
  const [, ...losing] = process.argv.slice(2);
  const losses = createLosses(losing);
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
  // TODO: an asynchronous receiver does its WORK, and looks for an item before each piece of it.
  for (;;) {
    // TODO: wait RECEIVER_SECONDS at most; then look whether the sender lives. When the queue is removed all is well.
    const { number } = unpackItem(msgrcv(queue, ITEM_BYTES, ITEM).data);
    if (losses.losesItem(number)) continue;
    // TODO: an item may come twice.
    console.log(`received ${number}`);
    // TODO: acknowledge it, if that is not lost.
  }
}

main();
