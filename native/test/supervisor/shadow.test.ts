import type { Placement, RunEndCause } from '../../src/supervisor.js';
import { TestEngine } from './engine-client.js';

const placements: Placement[] = ['before', 'entry', 'blocked', 'after'];
/** These programs receive what nobody sends: so a deadlock is the usual end. */
const endings: RunEndCause[] = ['completed', 'deadlock', 'step-limit'];
const seeds = Number(process.env['SHADOW_SEEDS'] ?? 24);

let engine: TestEngine;
beforeAll(async () => {
  engine = new TestEngine();
  await engine.ask({ type: 'start', bundles: [] });
});
afterAll(() => engine.close());

describe('the shadow of the kernel', () => {
  test('foresees what drawn System V calls of several processes answer, in drawn orders, with signals', async () => {
    const surprises: string[] = [];
    let calls = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const placement = placements[seed % placements.length] ?? 'entry';
      const plan = engine.plan([engine.process('wild-calls', [String(seed)])], {
        strategy: { kind: 'random', seed },
        injections: [{ signal: 'SIGUSR1', process: 'wild-calls#1', call: 5 + (seed % 40), placement }],
      });
      plan.limits.steps = 2000;
      plan.limits.processes = 64;
      try {
        const trace = await engine.run(plan);
        calls += trace.events.filter((event) => event.kind === 'call').length;
        if (!endings.includes(trace.end.cause))
          surprises.push(`seed ${seed}: ${trace.end.cause} ${trace.end.detail ?? ''}`);
      } catch (error) {
        surprises.push(`seed ${seed}: ${String(error)}`);
      }
    }
    expect(surprises).toEqual([]);
    expect(calls).toBeGreaterThan(seeds * 50);
  });
});
