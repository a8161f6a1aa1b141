import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as fc from 'fast-check';
import { createEngine, createPlan, createSchedule, type Engine, type Schedule, scenarioSchema } from '@ipclab/harness';
import type { Trace } from '@ipclab/native/supervisor';
import { createBoundedSearch } from '../../src/explore/bounded.js';
import { listOutcomes, type Program } from './queue-model.js';

/**
 * The supervisor against a model of it: small random programs (grader/test/explore/queue-model.ts) are run under every schedule that
 * there is, on real queues; what they can come to must be what the model says, all of it and nothing else.
 */
const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-model-'));
const executable = path.join(folder, 'script');
let engine: Engine;
beforeAll(async () => {
  chmodSync(folder, 0o777);
  const guest = path.resolve(import.meta.dirname, '../../../native/test/supervisor/guests/script.c');
  execFileSync('cc', ['-O1', '-Wall', '-Werror', '-o', executable, guest]);
  engine = await createEngine({ bundles: [] });
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

const operation = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('snd1', 'snd2', 'snd3') },
  { weight: 3, arbitrary: fc.constantFrom('rcv0', 'rcv1', 'rcv2', 'rcv-2', 'rcv-3') },
  { weight: 2, arbitrary: fc.constantFrom('try0', 'try1', 'try-2') },
  { weight: 1, arbitrary: fc.constantFrom('rm', 'nap5', 'nap9') },
);
// `get` first: a queue of their own would be no fun.
const program = fc.array(operation, { minLength: 1, maxLength: 3 }).map((rest) => ['get', ...rest] as Program);
const programs = fc.oneof(
  { weight: 3, arbitrary: fc.array(program, { minLength: 2, maxLength: 2 }) },
  {
    weight: 1,
    arbitrary: fc.array(
      program.map((each) => each.slice(0, 3)),
      { minLength: 3, maxLength: 3 },
    ),
  },
);

async function run(scripts: readonly Program[], schedule: Schedule): Promise<Trace> {
  const scenario = scenarioSchema.parse({
    title: 'Scripts',
    start: scripts.map((args) => ({ role: 'script', args })),
  });
  const build = { programs: { script: { kind: 'executable' as const, path: executable } }, readable: [folder] };
  return engine.run(createPlan(scenario, build, schedule, folder));
}

/** What each process printed, `…` after what it printed before it waited for ever. */
function outcomeOf(trace: Trace): string {
  const waits = new Set(trace.end.waits.map(({ process }) => process));
  return trace.processes
    .map((_, process) => {
      const calls = trace.events.filter((event) => event.kind === 'call' && event.process === process);
      const told = calls.map((event) =>
        event.kind !== 'call' || event.name === 'sleep'
          ? ''
          : (event.error ?? (event.name === 'msgrcv' ? String(event.args.mtype) : 'ok')),
      );
      return [...told.filter(Boolean), ...(waits.has(process) ? ['…'] : [])].join(' ');
    })
    .join(' | ');
}

/** Runs every schedule. */
async function exploreAll(scripts: readonly Program[], preemptions: number): Promise<Set<string>> {
  const search = createBoundedSearch(preemptions);
  const outcomes = new Set<string>();
  for (let deviations = search.next(); deviations; deviations = search.next()) {
    const trace = await run(scripts, createSchedule({ deviations, recordPoints: true }));
    outcomes.add(outcomeOf(trace));
    search.learn(deviations, trace);
  }
  expect(search.isComplete(Infinity)).toBe(true);
  return outcomes;
}

test('all schedules of small random programs come to what a model of queues comes to, and to nothing else', async () => {
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(programs, async (scripts) => {
      const expected = listOutcomes(scripts);
      // So many schedules are too many to run here.
      fc.pre(expected.schedules <= 80);
      tried++;
      expect([...(await exploreAll(scripts, 99))].toSorted()).toEqual([...expected.outcomes].toSorted());
    }),
    { numRuns: 30, seed: 20_261_123 },
  );
  expect(tried).toBe(30);
}, 120_000);

test.each(['random', 'pct', 'pos'] as const)(
  '%s draws nothing that the model does not come to, and what it draws replays',
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(programs, fc.nat(0xffff_ffff), async (scripts, seed) => {
        const { outcomes } = listOutcomes(scripts);
        const trace = await run(scripts, createSchedule({ strategy: { kind, seed, depth: 3, choices: 8 } }));
        expect(outcomes).toContain(outcomeOf(trace));
        expect(await run(scripts, createSchedule({ deviations: trace.deviations }))).toEqual(trace);
      }),
      { numRuns: 60, seed: 7 },
    );
  },
  60_000,
);
