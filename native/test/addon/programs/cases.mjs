// Runs the case whose name is the first argument, with a queue that is removed at the end by the process that made it.
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, getpid, msgctl, msgget } from '@ipclab/native';

export function print(value) {
  console.log(JSON.stringify(value));
}

/** What a function throws, by its code. */
export function codeOf(run) {
  try {
    return { returned: run() };
  } catch (error) {
    return error.code ?? String(error);
  }
}

export function makeQueue() {
  const owner = getpid();
  const queue = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
  process.on('exit', () => {
    if (getpid() === owner) msgctl(queue, IPC_RMID);
  });
  return queue;
}

export async function runCase(cases) {
  const run = cases[process.argv[2]];
  if (!run) throw new Error(`no case ${process.argv[2]}`);
  await run();
}
