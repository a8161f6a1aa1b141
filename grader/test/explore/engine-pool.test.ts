import type { Build, Engine } from '@ipclab/harness';
import { createEnginePool } from '../../src/explore/engine-pool.js';

const BUILD: Build = { folder: '/', diagnostics: [], programs: {}, bundles: [], readable: [] };

function createFakes(fail: (count: number) => boolean = () => false) {
  const made: { closed: boolean }[] = [];
  const create = (): Promise<Engine> => {
    if (fail(made.length)) return Promise.reject(new Error('does not start'));
    const engine = { closed: false };
    made.push(engine);
    return Promise.resolve({
      run: () => Promise.reject(new Error('not used')),
      close: () => {
        engine.closed = true;
        return Promise.resolve();
      },
    });
  };
  return { made, create };
}

describe('a pool of engines', () => {
  test('starts no more than its size, and gives each to one at a time', async () => {
    const { made, create } = createFakes();
    const pool = createEnginePool(BUILD, 2, create);
    const inUse = new Set<Engine>();
    let most = 0;
    await Promise.all(
      Array.from({ length: 6 }, () =>
        pool.use(async (engine) => {
          expect(inUse.has(engine)).toBe(false);
          inUse.add(engine);
          most = Math.max(most, inUse.size);
          await new Promise((resolve) => setImmediate(resolve));
          inUse.delete(engine);
        }),
      ),
    );
    expect([most, made.length]).toEqual([2, 2]);
    await pool.close();
    expect(made).toEqual([{ closed: true }, { closed: true }]);
  });

  test('goes on after an engine that did not start, and after work that failed', async () => {
    let tries = 0;
    const { made, create } = createFakes(() => ++tries === 1);
    const pool = createEnginePool(BUILD, 1, create);
    await expect(pool.use(() => Promise.resolve(1))).rejects.toThrow('does not start');
    await expect(pool.use(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await pool.use(() => Promise.resolve(2))).toBe(2);
    expect(made).toHaveLength(1);
    await pool.close();
  });
});
