import { IPC_RMID, SIGALRM, alarm, ftok, getpid, kill, msgctl, msgget, msgrcv, msgsnd, signal } from '@ipclab/native';
import {
  ACK_BYTES,
  EXIT_NOBODY,
  EXIT_PEER_LOST,
  ITEM,
  KEY_FILE,
  KEY_PROJECT,
  SENDER_SECONDS,
  TIMEOUTS,
  packItem,
  unpackAck,
} from './messages.js';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const isRemoved = (error: unknown): boolean => ['EIDRM', 'EINVAL'].includes(codeOf(error) ?? '');

const [receiver, mode, count] = process.argv.slice(2);
let queue = -1;

function findQueue(): number {
  try {
    return msgget(ftok(KEY_FILE, KEY_PROJECT));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    console.error('sender: nobody receives');
    process.exit(EXIT_NOBODY);
  }
}

function send(number: number): void {
  msgsnd(queue, ITEM, packItem({ pid: getpid(), number }));
}

/** The next acknowledgement, or null if none comes in time: SIGALRM ends the wait with EINTR. */
function receiveAck(): number | null {
  alarm(SENDER_SECONDS);
  try {
    return unpackAck(msgrcv(queue, ACK_BYTES, getpid()).data);
  } catch (error) {
    if (codeOf(error) !== 'EINTR') throw error;
    return null;
  } finally {
    alarm(0);
  }
}

function isAlive(pid: number): boolean {
  try {
    kill(pid, 0);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
    return false;
  }
}

function remove(): void {
  try {
    msgctl(queue, IPC_RMID);
  } catch (error) {
    if (!isRemoved(error)) throw error;
  }
}

function giveUp(): never {
  remove();
  console.error('sender: the receiver is gone');
  process.exit(EXIT_PEER_LOST);
}

/** Waits until all these items are acknowledged, and sends them again when that takes too long. */
function waitForAcks(numbers: number[], resends: boolean): void {
  const open = new Set(numbers);
  let timeouts = 0;
  while (open.size > 0) {
    const number = receiveAck();
    // One that came before, for an item that was sent twice, does not count.
    if (number !== null && open.delete(number)) timeouts = 0;
    if (number !== null) continue;
    timeouts++;
    if (!isAlive(Number(receiver)) || timeouts === TIMEOUTS) giveUp();
    if (resends) for (const each of open) send(each);
  }
}

function main(): void {
  signal(SIGALRM, () => {});
  queue = findQueue();
  const numbers = Array.from({ length: Number(count) }, (_, index) => index + 1);
  try {
    for (const number of numbers) {
      send(number);
      if (mode === 'sync') waitForAcks([number], true);
      console.log(`sent ${number}`);
    }
    if (mode === 'async') waitForAcks(numbers, false);
  } catch (error) {
    throw error;
  }
  console.log(`${numbers.length} acknowledged`);
  remove();
}

main();
