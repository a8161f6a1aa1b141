import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, fork, msgctl, msgget, promises, waitpid } from '@ipclab/native';

const TYPE = 42;

/** True if it went well; false if somebody was told to stop meanwhile. */
async function unlessStopped(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    const { name, code = '' } = error as NodeJS.ErrnoException;
    if (name === 'AbortError' || ['EIDRM', 'EINVAL'].includes(code)) return false;
    throw error;
  }
}

async function send(queue: number, number: number, signal: AbortSignal): Promise<void> {
  const data = Buffer.alloc(4);
  data.writeInt32LE(number);
  await promises.msgsnd(queue, TYPE, data, 0, { signal });
}

async function receive(queue: number, signal: AbortSignal): Promise<void> {
  const { data } = await promises.msgrcv(queue, 4, TYPE, 0, { signal });
  console.log(`Received ${data.readInt32LE(0)}!`);
}

async function main(): Promise<boolean> {
  const stop = new AbortController();
  process.on('SIGTERM', () => stop.abort());
  process.on('SIGINT', () => stop.abort());

  const queue = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
  const pid = fork();
  if (pid === 0) return await unlessStopped(receive(queue, stop.signal));

  const isSent = await unlessStopped(send(queue, 252, stop.signal));
  // Once the message is there the child ends by itself; without it, only the removal can end its wait.
  const child = isSent ? waitpid(pid) : undefined;
  msgctl(queue, IPC_RMID);
  return (child ?? waitpid(pid)).code === 0 && isSent;
}

void main().then((isDone) => {
  process.exitCode = isDone ? 0 : 1;
});
