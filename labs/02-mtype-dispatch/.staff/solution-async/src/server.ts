import { IPC_CREAT, IPC_EXCL, IPC_RMID, ftok, msgctl, msgget, promises } from '@ipclab/native';
import { KEY_FILE, KEY_PROJECT, NORMAL, REQUEST_BYTES, packReply, unpackRequest } from './messages.js';

async function serve(queue: number, signal: AbortSignal): Promise<never> {
  for (;;) {
    const { data } = await promises.msgrcv(queue, REQUEST_BYTES, -NORMAL, 0, { signal });
    const { client, sequence, text } = unpackRequest(data);
    await promises.msgsnd(queue, client, packReply({ sequence, text: text.toUpperCase() }), 0, { signal });
  }
}

async function main(): Promise<void> {
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());

  let queue: number;
  try {
    queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    console.error('server: another server is running');
    process.exit(1);
  }
  try {
    await serve(queue, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    msgctl(queue, IPC_RMID);
  }
  process.exit(0);
}

void main();
