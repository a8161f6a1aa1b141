import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Something to compete with on every core, until the function that it answers is called. */
export function keepBusy(): () => Promise<void> {
  const workers = Array.from({ length: availableParallelism() }, () => new Worker('for (;;);', { eval: true }));
  return async () => {
    await Promise.all(workers.map(async (worker) => worker.terminate()));
  };
}
