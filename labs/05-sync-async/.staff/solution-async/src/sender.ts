import { ftok, msgget, promises } from '@ipclab/native';
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
import { isAlive, isRemoved, receive, remove } from './peer.js';

class PeerLost extends Error {}

class Sender {
  private readonly acknowledged = new Set<number>();

  constructor(
    private readonly queue: number,
    private readonly receiver: number,
  ) {}

  post(number: number): Promise<void> {
    return promises.msgsnd(this.queue, ITEM, packItem({ pid: process.pid, number }));
  }

  /** Takes acknowledgements until that of this item is among them. */
  async confirm(number: number, onTimeout: () => Promise<void>): Promise<void> {
    for (let timeouts = 0; !this.acknowledged.has(number);) {
      const data = await receive(this.queue, ACK_BYTES, process.pid, SENDER_SECONDS);
      if (data) {
        this.acknowledged.add(unpackAck(data));
        continue;
      }
      timeouts++;
      if (timeouts === TIMEOUTS || !isAlive(this.receiver)) throw new PeerLost();
      await onTimeout();
    }
  }
}

async function sendAll(sender: Sender, mode: string, numbers: number[]): Promise<void> {
  for (const number of numbers) {
    await sender.post(number);
    if (mode === 'sync') await sender.confirm(number, () => sender.post(number));
    console.log(`sent ${number}`);
  }
  for (const number of numbers) await sender.confirm(number, async () => {});
}

async function main(): Promise<number> {
  const [receiver, mode, count] = process.argv.slice(2) as [string, string, string];
  let queue: number;
  try {
    queue = msgget(ftok(KEY_FILE, KEY_PROJECT));
  } catch {
    console.error('sender: there is no queue');
    return EXIT_NOBODY;
  }
  const numbers = Array.from({ length: Number(count) }, (_, index) => index + 1);
  try {
    await sendAll(new Sender(queue, Number(receiver)), mode, numbers);
    console.log(`${count} acknowledged`);
    return 0;
  } catch (error) {
    if (!(error instanceof PeerLost) && !isRemoved(error)) throw error;
    console.error('sender: the receiver is gone');
    return EXIT_PEER_LOST;
  } finally {
    remove(queue);
  }
}

void main().then((code) => process.exit(code));
