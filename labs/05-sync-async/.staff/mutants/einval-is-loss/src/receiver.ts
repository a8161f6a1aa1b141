import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_RMID,
  SIGALRM,
  alarm,
  ftok,
  kill,
  msgctl,
  msgget,
  msgrcv,
  msgsnd,
  signal,
} from '@ipclab/native';
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

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;
const isRemoved = (error: unknown): boolean => ['EIDRM', 'EINVAL'].includes(codeOf(error) ?? '');

const [mode, ...losing] = process.argv.slice(2);
const losses = createLosses(losing);
const received = new Set<number>();
let queue = -1;
let sender = 0;

/** Takes an item, if one comes in time, and acknowledges it. */
function receive(flags: number): boolean {
  let data: Buffer;
  try {
    ({ data } = msgrcv(queue, ITEM_BYTES, ITEM, flags));
  } catch (error) {
    if (codeOf(error) === 'EINVAL') process.exit(EXIT_PEER_LOST);
    if (codeOf(error) !== 'EINTR' && codeOf(error) !== 'ENOMSG') throw error;
    return false;
  }
  const { pid, number } = unpackItem(data);
  if (losses.losesItem(number)) return true;
  sender = pid;
  if (!received.has(number)) console.log(`received ${number}`);
  received.add(number);
  // A copy is acknowledged, too: the acknowledgement of the first one may be what was lost.
  if (!losses.losesAck(number)) msgsnd(queue, pid, packAck(number));
  return true;
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

/** If the queue cannot be removed, the sender has done so meanwhile: it is not dead, it is ready. */
function giveUp(): never {
  msgctl(queue, IPC_RMID);
  console.error(sender === 0 ? 'receiver: nobody sends' : 'receiver: the sender is gone');
  process.exit(sender === 0 ? EXIT_NOBODY : EXIT_PEER_LOST);
}

function work(): void {
  for (let piece = 1; piece <= WORK; piece++) {
    try {
      receive(IPC_NOWAIT);
    } catch (error) {
      // The sender is ready before us. The work has to be done all the same; the next receive ends the program.
      if (!isRemoved(error)) throw error;
    }
    console.log(`work ${piece}`);
  }
}

function run(): void {
  if (mode === 'async') work();
  let timeouts = 0;
  for (;;) {
    alarm(RECEIVER_SECONDS);
    const hasCome = receive(0);
    alarm(0);
    timeouts = hasCome ? 0 : timeouts + 1;
    if (hasCome) continue;
    if ((sender !== 0 && !isAlive(sender)) || timeouts === TIMEOUTS) giveUp();
  }
}

function main(): void {
  signal(SIGALRM, () => {});
  queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
  try {
    run();
  } catch (error) {
    // The sender removes the queue when it has all acknowledgements.
    if (!isRemoved(error)) throw error;
  }
}

main();
