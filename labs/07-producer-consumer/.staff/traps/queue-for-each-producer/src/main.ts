import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, _exit, fork, msgctl, msgget, msgsnd, waitpid } from '@ipclab/native';
import { consume } from './consumer.js';
import { AGAIN, PILL, reply } from './messages.js';
import { produce } from './producer.js';

/** Forks a child that does the work and ends. Answers its pid. */
function start(work: () => void): number {
  const pid = fork();
  if (pid > 0) return pid;
  work();
  _exit(0);
}

function main(): number {
  const [producerCount = 0, consumerCount = 0, itemCount = 0] = process.argv.slice(2).map(Number);
  const items = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
  // Nobody else's replies can fill a producer's queue.
  const replies = Array.from({ length: producerCount }, () => msgget(IPC_PRIVATE, IPC_CREAT | 0o600));
  const startConsumer = () => start(() => consume(items, replies));
  const sendPill = () => msgsnd(items, PILL, '');

  /** Pid of each producer: its queue. */
  const producers = new Map<number, number>();
  const consumers = new Set<number>();
  for (let number = 1; number <= producerCount; number++)
    producers.set(
      start(() => produce({ items, replies: replies[number - 1]! }, number, itemCount)),
      replies[number - 1]!,
    );
  for (let count = 0; count < consumerCount; count++) consumers.add(startConsumer());

  let producersDied = 0;
  let consumersDied = 0;
  while (producers.size + consumers.size > 0) {
    const { pid, signal } = waitpid(-1);
    if (producers.delete(pid)) {
      if (signal !== null) producersDied++;
      // After the last one, whichever way it ended: one pill for each consumer.
      if (producers.size === 0) for (let count = 0; count < consumers.size; count++) sendPill();
    } else if (consumers.delete(pid) && signal !== null) {
      consumersDied++;
      consumers.add(startConsumer());
      for (const [producer, queue] of producers) msgsnd(queue, producer, reply.pack({ number: AGAIN }));
      // Nobody knows whether the dead one had taken its pill.
      if (producers.size === 0) sendPill();
    }
  }

  for (const queue of [items, ...replies]) msgctl(queue, IPC_RMID);
  if (consumersDied > 0)
    console.error('main: a consumer died; its item was sent again: every item is consumed at least once');
  if (producersDied > 0) console.error('main: a producer died; not every item was produced');
  return producersDied > 0 ? 1 : 0;
}

process.exitCode = main();
