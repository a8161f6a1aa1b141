import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { Trace } from '@ipclab/native/supervisor';
import type { Build } from '../../src/build/build.js';
import { buildSubmission } from '../../src/build/build-submission.js';
import { createEngine, type Engine } from '../../src/run/engine.js';
import { runScenario } from '../../src/run/run-scenario.js';
import { removeTemporaryRoot, sweepTemporaryFolders } from '../../src/sandbox/temporary.js';
import { scenarioSchema } from '../../src/scenario/scenario.js';
import { createSchedule, type Schedule } from '../../src/schedule/schedule.js';
import { formatToken, parseToken, scheduleOfToken } from '../../src/schedule/token.js';
import { compareTraces, traceDigest } from '../../src/trace/digest.js';
import { parseTrace } from '../../src/trace/schema.js';

const PAIR = path.resolve('harness/test/fixtures/pair');
const SCENARIO = scenarioSchema.parse({
  title: 'Two clients',
  files: { key: '' },
  start: [{ role: 'server' }, { role: 'client', count: 2, after: { process: 'server#1', call: 'msgget' } }],
  stop: [{ process: 'server#1', signal: 'SIGTERM' }],
});

let build: Build;
let engine: Engine;
beforeAll(async () => {
  build = await buildSubmission(
    PAIR,
    { server: { entry: 'src/server.ts' }, client: { entry: 'src/client.ts' } },
    { cacheFolder: null },
  );
  expect(build.diagnostics).toEqual([]);
  engine = await createEngine(build);
});
afterAll(async () => {
  await engine.close();
  removeTemporaryRoot();
});

const run = (schedule: Partial<Schedule>): Promise<Trace> =>
  runScenario(engine, build, 'pair', SCENARIO, createSchedule(schedule));
const random = (seed: number): Partial<Schedule> => ({ strategy: { kind: 'random', seed } });

test('two programs talk over a real queue, and the trace is of the documented shape', async () => {
  const trace = await run({});
  expect(parseTrace(structuredClone(trace))).toEqual(trace);
  expect(trace.end).toEqual({ cause: 'completed', waits: [] });
  expect(trace.processes.map(({ name, exit }) => [name, exit])).toEqual([
    ['server#1', { code: 0 }],
    ['client#1', { code: 0 }],
    ['client#2', { code: 0 }],
  ]);
  expect(trace.events.flatMap((event) => (event.kind === 'output' ? [event.text] : [])).join('')).toBe(
    'reply 1\nreply 1\nbye\n',
  );
  expect(trace.queues).toMatchObject([{ creator: 0, remover: 0, left: false, pending: [] }]);
});

test('the same seed gives the same trace, another seed another', async () => {
  const traces: Trace[] = [];
  for (let i = 0; i < 10; i++) traces.push(await run(random(7)));
  expect(traces.map((trace) => compareTraces(traces[0]!, trace))).toEqual(traces.map(() => undefined));
  expect(new Set(traces.map(traceDigest)).size).toBe(1);
  const others = await Promise.all([1, 2, 3, 4, 5].map((seed) => run(random(seed))));
  expect(new Set(others.map(traceDigest)).size).toBeGreaterThan(1);
});

test('the token of a random run replays it', async () => {
  for (const seed of [1, 2, 3]) {
    const trace = await run(random(seed));
    const token = formatToken('pair', createSchedule({ deviations: trace.deviations }));
    expect(compareTraces(await run(scheduleOfToken(parseToken(token))), trace)).toBeUndefined();
  }
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
const alive = (pids: Iterable<number>): number[] => [...pids].filter(isAlive);

/** A process and all that came from it. */
function listDescendants(root: number): Set<number> {
  const found = new Set([root]);
  const parents = readdirSync('/proc').flatMap((name): [number, number][] => {
    try {
      const stat = /^\d+$/.test(name) ? readFileSync(`/proc/${name}/stat`, 'utf8') : '';
      return stat ? [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]] : [];
    } catch {
      return [];
    }
  });
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid);
  }
  return found;
}

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate();
}

const startGrader = (temporary: string): ChildProcessByStdio<null, Readable, null> =>
  spawn(process.execPath, [path.resolve('harness/test/fixtures/run-for-ever.mjs'), PAIR], {
    env: { PATH: process.env['PATH'], TMPDIR: temporary },
    stdio: ['ignore', 'pipe', 'inherit'],
  });

describe('nothing outlives a grader', () => {
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(path.join(tmpdir(), 'grader-test-'));
    chmodSync(temporary, 0o711);
  });
  afterEach(() => rmSync(temporary, { recursive: true }));

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('that %s ends: no process and no folder', async (signal) => {
    const grader = startGrader(temporary);
    await once(grader.stdout, 'data');
    const family = listDescendants(grader.pid!);
    expect(family.size).toBeGreaterThan(2);
    grader.kill(signal);
    expect(await once(grader, 'exit')).toEqual([null, signal]);
    await waitUntil(() => alive(family).length === 0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('that is killed at any moment: no process, and its folder goes with the next start', async () => {
    for (const delayMs of [0, 60, 150, 290, 430, 700, 1100]) {
      const grader = startGrader(temporary);
      await setTimeout(delayMs);
      const family = listDescendants(grader.pid!);
      grader.kill('SIGKILL');
      await once(grader, 'exit');
      await waitUntil(() => alive(family).length === 0);
      sweepTemporaryFolders(temporary);
      expect(readdirSync(temporary)).toEqual([]);
    }
  });
});
