import { type Build, createEngine, type Engine } from '@ipclab/harness';
import pLimit from 'p-limit';

/** A few engines that take turns: as many at work as the machine has processors. */
export interface EnginePool {
  /** Waits for an engine that nobody uses, and has `work` use it. */
  use<T>(work: (engine: Engine) => Promise<T>): Promise<T>;
  /** Ends the engines; a run that is not over is a Fault. */
  close(): Promise<void>;
}

export function createEnginePool(
  build: Build,
  size: number,
  create: (build: Build) => Promise<Engine> = createEngine,
): EnginePool {
  const free: Engine[] = [];
  const all = new Set<Promise<Engine>>();
  const limit = pLimit(size);

  const take = async (): Promise<Engine> => {
    const engine = free.pop();
    if (engine) return engine;
    const created = create(build);
    all.add(created);
    created.catch(() => all.delete(created));
    return await created;
  };
  return {
    use: async (work) =>
      limit(async () => {
        const engine = await take();
        try {
          return await work(engine);
        } finally {
          free.push(engine);
        }
      }),
    close: async () => {
      await Promise.allSettled([...all].map(async (engine) => (await engine).close()));
    },
  };
}
