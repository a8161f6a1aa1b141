import { IPC_CREAT, IPC_PRIVATE, _exit, fork, msgget } from '@ipclab/native';
import { consume } from './consumer.js';
import type { Queues } from './messages.js';
import { produce } from './producer.js';

/** Forks a child that does the work and ends. Answers its pid. */
function start(work: () => void): number {
  const pid = fork();
  if (pid > 0) return pid;
  work();
  _exit(0);
}

/** `main PRODUCERS CONSUMERS ITEMS`: so far it starts the others and leaves them alone. */
function main(): void {
  const [producerCount = 0, consumerCount = 0, itemCount = 0] = process.argv.slice(2).map(Number);
  const queues: Queues = {
    items: msgget(IPC_PRIVATE, IPC_CREAT | 0o600),
    replies: msgget(IPC_PRIVATE, IPC_CREAT | 0o600),
  };
  for (let number = 1; number <= producerCount; number++) start(() => produce(queues, number, itemCount));
  for (let count = 0; count < consumerCount; count++) start(() => consume(queues));
  // TODO: wait for the children. What is to be done when the last producer has ended? When a child has died?
  // TODO: remove the queues.
}

main();
