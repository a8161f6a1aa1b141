import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { TestEngine } from './engine-client.js';

/** Processes whose parent chain leads to `root`, by /proc. */
function descendants(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      parents.set(Number(entry), Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]));
    } catch {
      // gone meanwhile
    }
  }
  const found = new Set([root]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return [...found].filter((pid) => pid !== root);
}

const isAlive = (pid: number) => {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn(); // the test's own time limit ends a wait that is in vain
}

const queues = () => execFileSync('ipcs', ['-q'], { encoding: 'utf8' });

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'nothing outlives an engine that is ended by %s in the midst of a run',
  async (signal) => {
    const before = queues();
    const engine = new TestEngine();
    try {
      await engine.ask({ type: 'start', bundles: [] });
      const plan = engine.plan([engine.process('spinner'), engine.process('deadlock')]);
      const run = engine
        .run({ ...plan, limits: { ...plan.limits, cpuMs: 60_000, wallMs: 60_000 } })
        .catch((error: Error) => error.message);
      // Reaper and both roles.
      await until(() => descendants(engine.pid).length >= 3);
      const family = descendants(engine.pid);
      process.kill(engine.pid, signal);
      expect(await run).toBe('The engine ended');
      await until(() => !family.some(isAlive));
      expect(queues()).toBe(before);
    } finally {
      engine.remove();
    }
  },
);

test('an engine whose channel closes ends by itself', async () => {
  const engine = new TestEngine();
  await engine.ask({ type: 'start', bundles: [] });
  await engine.close();
  expect(isAlive(engine.pid)).toBe(false);
});
