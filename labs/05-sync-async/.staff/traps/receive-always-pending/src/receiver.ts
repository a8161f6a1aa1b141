import { IPC_CREAT, IPC_EXCL, IPC_RMID, alarm, ftok, msgctl, msgget, promises } from '@ipclab/native';
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
import { isAlive, isRemoved } from './peer.js';

const [mode, ...losing] = process.argv.slice(2);
const losses = createLosses(losing);
const received = new Set<number>();
let sender: number | null = null;
let timeouts = 0;

const queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);

/** One receive is always under way, on a thread of its own: whatever the program does meanwhile, it never has to ask. */
async function receiveAll(): Promise<void> {
  for (;;) {
    const { data } = await promises.msgrcv(queue, ITEM_BYTES, ITEM);
    timeouts = 0;
    const { pid, number } = unpackItem(data);
    if (!losses.losesItem(number)) {
      sender = pid;
      if (!received.has(number)) console.log(`received ${number}`);
      received.add(number);
      if (!losses.losesAck(number)) await promises.msgsnd(queue, pid, packAck(number));
    }
    alarm(RECEIVER_SECONDS);
  }
}

async function work(): Promise<void> {
  for (let piece = 1; mode === 'async' && piece <= WORK; piece++) {
    await new Promise((resolve) => setImmediate(resolve));
    console.log(`work ${piece}`);
  }
}

function giveUp(): number {
  msgctl(queue, IPC_RMID);
  console.error('receiver: gave up');
  return sender === null ? EXIT_NOBODY : EXIT_PEER_LOST;
}

process.on('SIGALRM', () => {
  timeouts++;
  try {
    if (timeouts === TIMEOUTS || (sender !== null && !isAlive(sender))) process.exit(giveUp());
  } catch (error) {
    if (!isRemoved(error)) throw error;
    process.exit(0);
  }
  alarm(RECEIVER_SECONDS);
});

async function main(): Promise<number> {
  alarm(RECEIVER_SECONDS);
  const working = work();
  try {
    await receiveAll();
  } catch (error) {
    if (!isRemoved(error)) throw error;
  }
  await working;
  return 0;
}

void main().then((code) => process.exit(code));
