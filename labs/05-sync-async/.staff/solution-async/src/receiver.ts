import { IPC_CREAT, IPC_EXCL, IPC_NOWAIT, IPC_RMID, ftok, msgctl, msgget, msgrcv, promises } from '@ipclab/native';
import {
  EXIT_NOBODY,
  EXIT_PEER_LOST,
  ITEM,
  ITEM_BYTES,
  KEY_FILE,
  KEY_PROJECT,
  RECEIVER_SECONDS,
  TIMEOUTS,
  WORK,
  createLosses,
  packAck,
  unpackItem,
} from './messages.js';
import { isAlive, isNothingThere, isRemoved, receive } from './peer.js';

const [mode, ...losing] = process.argv.slice(2);
const losses = createLosses(losing);
let last = 0;
let sender: number | null = null;

async function handle(queue: number, data: Buffer): Promise<void> {
  const { pid, number } = unpackItem(data);
  if (losses.losesItem(number)) return;
  sender = pid;
  // The next number follows the last one; a copy has one that is not greater.
  if (number > last) console.log(`received ${number}`);
  last = Math.max(last, number);
  if (!losses.losesAck(number)) await promises.msgsnd(queue, pid, packAck(number));
}

/** All that is there. */
async function takeWaiting(queue: number): Promise<void> {
  try {
    for (;;) await handle(queue, msgrcv(queue, ITEM_BYTES, ITEM, IPC_NOWAIT).data);
  } catch (error) {
    // If the queue is gone there will be nothing any more, but there is still work to do.
    if (!isNothingThere(error) && !isRemoved(error)) throw error;
  }
}

async function serve(queue: number): Promise<number> {
  for (let piece = 1; mode === 'async' && piece <= WORK; piece++) {
    await takeWaiting(queue);
    console.log(`work ${piece}`);
  }
  for (let timeouts = 0; timeouts < TIMEOUTS;) {
    const data = await receive(queue, ITEM_BYTES, ITEM, RECEIVER_SECONDS);
    timeouts = data ? 0 : timeouts + 1;
    if (data) await handle(queue, data);
    else if (sender !== null && !isAlive(sender)) break;
  }
  // Fails if the sender has removed it: then it was ready, and left.
  msgctl(queue, IPC_RMID);
  console.error('receiver: I am alone');
  return sender === null ? EXIT_NOBODY : EXIT_PEER_LOST;
}

async function main(): Promise<number> {
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
  try {
    return await serve(queue);
  } catch (error) {
    if (!isRemoved(error)) throw error;
    return 0;
  }
}

void main().then((code) => process.exit(code));
