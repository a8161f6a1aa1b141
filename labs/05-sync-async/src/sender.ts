import { ftok, getpid, msgget, msgsnd } from '@ipclab/native';
import { ITEM, KEY_FILE, KEY_PROJECT, packItem } from './messages.js';

/** `sender PID sync|async COUNT`: sends items to the receiver PID. So far it does not know whether any of them arrives. */
function main(): void {
  const [, , count] = process.argv.slice(2);
  // TODO: without a receiver there is no queue: exit with EXIT_NOBODY.
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT));
  for (let number = 1; number <= Number(count); number++) {
    msgsnd(queue, ITEM, packItem({ pid: getpid(), number }));
    // TODO: a synchronous send is over when the acknowledgement of this item is there.
    // TODO: if it is not there in SENDER_SECONDS: does the receiver live? Then send the item again.
    console.log(`sent ${number}`);
  }
  // TODO: after asynchronous sends the acknowledgements are still to come.
  // TODO: remove the queue, and print how many items were acknowledged.
}

main();
