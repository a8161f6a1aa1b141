import { ftok, getpid, kill, msgget, msgrcv, msgsnd } from '@ipclab/native';
import { HELLO, KEY_FILE, KEY_PROJECT, packNumber } from './messages.js';

/** `sender PID COUNT`: sends SIGUSR1 to the receiver PID. So far it does not care how many of them arrive. */
function main(): void {
  const [pid, count] = process.argv.slice(2).map(Number) as [number, number];
  // TODO: without a receiver there is no queue: exit with EXIT_NOBODY.
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT));
  msgsnd(queue, HELLO, packNumber(getpid()));
  msgrcv(queue, 0, getpid());
  for (let number = 1; number <= count; number++) {
    kill(pid, 'SIGUSR1');
    // TODO: wait for its acknowledgement, SIGUSR2.
  }
  // TODO: tell the receiver that this was all, and look at its books.
  // TODO: remove the queue.
  console.log(`sent ${count}`);
}

main();
