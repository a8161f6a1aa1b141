import { ftok, getpid, msgget, msgrcv, msgsnd } from '@ipclab/native';
import { KEY_FILE, KEY_PROJECT, NORMAL, REPLY_BYTES, URGENT, packRequest, unpackReply } from './messages.js';

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function findQueue(): number {
  try {
    return msgget(ftok(KEY_FILE, KEY_PROJECT));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    console.error('client: no server is running');
    process.exit(2);
  }
}

function ask(queue: number, mtype: number, sequence: number, text: string): string {
  try {
    msgsnd(queue, mtype, packRequest({ client: getpid(), sequence, text }));
    return unpackReply(msgrcv(queue, REPLY_BYTES, 100 + sequence).data).text;
  } catch (error) {
    if (codeOf(error) !== 'EIDRM' && codeOf(error) !== 'EINVAL') throw error;
    console.error('client: the server has stopped');
    process.exit(1);
  }
}

function main(): void {
  const [priority, ...texts] = process.argv.slice(2);
  const mtype = priority === 'urgent' ? URGENT : NORMAL;
  const queue = findQueue();
  for (const [sequence, text] of texts.entries()) console.log(ask(queue, mtype, sequence, text));
}

main();
