import { once } from 'node:events';
import { IPC_RMID, SystemError, ftok, getpid, kill, msgctl, msgget, promises } from '@ipclab/native';
import {
  CREDIT,
  DEBIT,
  EXIT_NOBODY,
  HELLO,
  KEY_FILE,
  KEY_PROJECT,
  NUMBER_BYTES,
  packNumber,
  unpackNumber,
} from './messages.js';

async function main(): Promise<void> {
  const [pid, count] = process.argv.slice(2).map(Number) as [number, number];
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT));
  const alive = setInterval(() => {}, 2 ** 30);

  await promises.msgsnd(queue, HELLO, packNumber(getpid()));
  // From here on SIGUSR2 is an event.
  process.on('SIGUSR2', () => {});
  await promises.msgrcv(queue, 0, getpid());
  for (const _ of numbers) {
    const acknowledged = once(process, 'SIGUSR2');
    kill(pid, 'SIGUSR1');
    await acknowledged;
  }
  kill(pid, 'SIGTERM');

  const take = async (type: number): Promise<number> =>
    unpackNumber((await promises.msgrcv(queue, NUMBER_BYTES, type)).data);
  let booked = 0;
  for (const number of numbers) {
    const [debit, credit] = await Promise.all([take(DEBIT), take(CREDIT)]);
    if (debit === number && credit === number) booked += 1;
  }
  msgctl(queue, IPC_RMID);
  clearInterval(alive);
  console.log(`sent ${count}, booked ${booked}`);
}

main().catch((error: unknown) => {
  if (!(error instanceof SystemError && error.code === 'ENOENT')) throw error;
  console.error('sender: nobody receives');
  process.exit(EXIT_NOBODY);
});
