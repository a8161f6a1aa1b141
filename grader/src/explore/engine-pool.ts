import { type Build, createEngine, type Engine } from '@ipclab/harness';

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
  const waiting: (() => void)[] = [];
  let inUse = 0;
  const isBusy = (): boolean => inUse >= size;

  const take = async (): Promise<Engine> => {
    while (isBusy()) await new Promise<void>((resolve) => waiting.push(resolve));
    inUse++;
    const engine = free.pop();
    if (engine) return engine;
    const created = create(build);
    all.add(created);
    try {
      return await created;
    } catch (error) {
      all.delete(created);
      giveBack();
      throw error;
    }
  };
  const giveBack = (engine?: Engine): void => {
    inUse--;
    if (engine) free.push(engine);
    waiting.shift()?.();
  };
  return {
    use: async (work) => {
      const engine = await take();
      try {
        return await work(engine);
      } finally {
        giveBack(engine);
      }
    },
    close: async () => {
      await Promise.allSettled([...all].map(async (engine) => (await engine).close()));
    },
  };
}
