import { ftok, msgget, promises } from '@ipclab/native';
import { KEY_FILE, KEY_PROJECT, NORMAL, REPLY_BYTES, URGENT, packRequest, unpackReply } from './messages.js';

// All requests go out before the first reply is awaited. One after the other: promises that wait at the same time have no order.
async function ask(queue: number, mtype: number, texts: string[]): Promise<void> {
  for (const [sequence, text] of texts.entries())
    await promises.msgsnd(queue, mtype, packRequest({ client: process.pid, sequence, text }));
  for (let count = 0; count < texts.length; count++) {
    const { data } = await promises.msgrcv(queue, REPLY_BYTES, process.pid);
    console.log(unpackReply(data).text);
  }
}

async function main(): Promise<number> {
  const [priority, ...texts] = process.argv.slice(2);
  try {
    const queue = msgget(ftok(KEY_FILE, KEY_PROJECT));
    await ask(queue, priority === 'urgent' ? URGENT : NORMAL, texts);
    return 0;
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return 2;
    if (['EIDRM', 'EINVAL'].includes(code)) return 1;
    throw error;
  }
}

void main().then((code) => process.exit(code));
