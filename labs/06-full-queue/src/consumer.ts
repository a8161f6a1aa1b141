import { ftok, msgget, msgrcv } from '@ipclab/native';
import { END, ITEMS, KEY_FILE, numbered } from './messages.js';

/** `consumer [confirm]`: receives items until the end. So far it removes nothing, and confirms nothing. */
function main(): void {
  const items = msgget(ftok(KEY_FILE, ITEMS));
  for (;;) {
    const { mtype, data } = msgrcv(items, numbered.sizeBytes, -END);
    if (mtype === END) break;
    console.log(`item ${numbered.unpack(data).number}`);
    // TODO: confirm.
  }
  console.log('end');
  // TODO: who removes the queue, and when?
}

main();
