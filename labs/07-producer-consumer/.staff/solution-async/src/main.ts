import {
  IPC_CREAT,
  IPC_PRIVATE,
  IPC_RMID,
  type WaitResult,
  fork,
  msgctl,
  msgget,
  promises,
  waitpid,
} from '@ipclab/native';
import { consume } from './consumer.js';
import { AGAIN, PILL, type Queues, reply } from './messages.js';
import { produce } from './producer.js';

type Kind = 'producer' | 'consumer';
const children = new Map<number, Kind>();
const getPids = (wanted: Kind) => [...children].flatMap(([pid, kind]) => (kind === wanted ? [pid] : []));

/** Children as they end, until none is left. */
function* waitForChildren(): Generator<WaitResult & { kind: Kind }> {
  while (children.size > 0) {
    const result = waitpid(-1);
    const kind = children.get(result.pid)!;
    children.delete(result.pid);
    yield { ...result, kind };
  }
}

async function start(kind: Kind, work: () => Promise<void>): Promise<void> {
  const pid = fork();
  if (pid === 0) {
    await work();
    process.exit(0);
  }
  children.set(pid, kind);
}

async function supervise(queues: Queues, [producers = 0, consumers = 0, count = 0]: number[]): Promise<number> {
  const startConsumer = async () => start('consumer', async () => consume(queues));
  for (let number = 1; number <= producers; number++)
    await start('producer', async () => produce(queues, number, count));
  for (let left = consumers; left > 0; left--) await startConsumer();

  const dead = { producer: 0, consumer: 0 };
  for (const { kind, signal } of waitForChildren()) {
    if (signal !== null) dead[kind]++;
    let pills = 0;
    if (kind === 'producer') {
      if (getPids('producer').length === 0) pills = getPids('consumer').length;
    } else if (signal !== null) {
      await startConsumer();
      for (const pid of getPids('producer')) await promises.msgsnd(queues.replies, pid, reply.pack({ number: AGAIN }));
      if (getPids('producer').length === 0) pills = 1;
    }
    for (; pills > 0; pills--) await promises.msgsnd(queues.items, PILL, '');
  }
  if (dead.consumer > 0) console.error(`${dead.consumer} consumer(s) died: every item was consumed at least once`);
  if (dead.producer > 0) console.error(`${dead.producer} producer(s) died: some items are missing`);
  return dead.producer > 0 ? 1 : 0;
}

async function main(): Promise<void> {
  const queues = {
    items: msgget(IPC_PRIVATE, IPC_CREAT | 0o600),
    replies: msgget(IPC_PRIVATE, IPC_CREAT | 0o600),
  };
  const code = await supervise(queues, process.argv.slice(2).map(Number));
  for (const queue of Object.values(queues)) msgctl(queue, IPC_RMID);
  process.exit(code);
}

void main();
