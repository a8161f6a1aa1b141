import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RunPlan } from '@ipclab/native/supervisor';
import { Fault } from '../../src/fault.js';
import { createEngine, type Engine, type EngineOptions } from '../../src/run/engine.js';
import { runScenario } from '../../src/run/run-scenario.js';
import { removeTemporaryRoot } from '../../src/sandbox/temporary.js';
import { DEFAULT_LIMITS } from '../../src/scenario/create-plan.js';
import { scenarioSchema } from '../../src/scenario/scenario.js';
import { DEFAULT_SCHEDULE } from '../../src/schedule/schedule.js';

const FAKE = path.resolve('harness/test/fixtures/fake-engine.mjs');
const engines: Engine[] = [];

async function open(mode = 'good', options: EngineOptions = {}): Promise<Engine> {
  const engine = await createEngine(
    { bundles: [{ role: 'server', path: '/b/server.js', mapPath: '' }] },
    { command: [process.execPath, FAKE, mode], ...options },
  );
  engines.push(engine);
  return engine;
}
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  removeTemporaryRoot();
});

const createPlan = (role: string, wallMs = 10_000): RunPlan => ({
  processes: [{ name: `${role}#1`, role, program: { kind: 'typescript', bundle: 0 }, args: [], env: {}, stdin: '' }],
  strategy: { kind: 'default' },
  deviations: [],
  injections: [],
  faults: [],
  stops: [],
  limits: { ...DEFAULT_LIMITS, wallMs },
  folder: '/nowhere',
  readable: [],
  decoys: [],
  burntIds: 1,
  pty: false,
});
/** What the fake engine says of itself. */
const look = async (engine: Engine, role = 'server') => {
  const [pid, folder, bundles, environment] = (await engine.run(createPlan(role))).end.detail!.split(' ');
  return { pid: Number(pid), folder, bundles, environment };
};
const faultOf = async (work: Promise<unknown>): Promise<{ code: string; message: string }> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('Expected a fault');
};
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

test('an engine knows the bundles, and nothing of our environment', async () => {
  process.env['NODE_OPTIONS_TEST'] = '1';
  const { bundles, environment } = await look(await open());
  delete process.env['NODE_OPTIONS_TEST'];
  expect(bundles).toBe('/b/server.js');
  expect(
    environment!
      .split(',')
      .filter((name) => !['PATH', 'LANG', 'NODE_CHANNEL_FD', 'NODE_CHANNEL_SERIALIZATION_MODE'].includes(name)),
  ).toEqual([]);
});

test('runs that are asked for at once are done one after the other, by one process', async () => {
  const engine = await open();
  const all = await Promise.all([look(engine), look(engine), look(engine)]);
  expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
});

test('an engine that dies is a fault that tells its last words, and the next run has a new one', async () => {
  const engine = await open();
  const before = await look(engine);
  const { code, message } = await faultOf(engine.run(createPlan('crash')));
  expect(code).toBe('engine-died');
  expect(message).toContain('It was ended by SIGABRT, and said:\nassertion failed');
  const after = await look(engine);
  expect(after.pid).not.toBe(before.pid);
  expect(isAlive(before.pid)).toBe(false);
});

test('an engine that does not answer in time is killed, and the next run has a new one', async () => {
  const engine = await open('good', { marginMs: 100 });
  const before = await look(engine);
  expect(await faultOf(engine.run(createPlan('hang', 20)))).toEqual({
    code: 'engine-silent',
    message:
      'The engine, which runs the programs, did not answer in time and was ended. Expected an answer within 300 ms.',
  });
  expect((await look(engine)).pid).not.toBe(before.pid);
  expect(isAlive(before.pid)).toBe(false);
});

test('an engine that is at work for long keeps no trace of what is over', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const engine = await open();
  const traces: WeakRef<object>[] = [];
  for (let run = 0; run < 3; run++) traces.push(new WeakRef(await engine.run(createPlan('server'))));
  // The last one may still be at hand.
  await look(engine);
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  expect(traces.map((trace) => trace.deref() === undefined)).toEqual([true, true, true]);
});

test('what the engine could not do is a fault with its words, and a trace that ends in one never comes out', async () => {
  const engine = await open();
  expect(await faultOf(engine.run(createPlan('fault')))).toEqual({
    code: 'run',
    message: 'The run could not be carried out. cannot read (EIO)',
  });
  expect(await faultOf(engine.run(createPlan('disagree')))).toEqual({
    code: 'run',
    message: 'The run could not be carried out. shadow and kernel disagree',
  });
});

test.each([
  ['exit', /^The engine, which runs the programs, did not start\. It ended with exit code 3\./],
  ['refuse', /^The engine, which runs the programs, did not start\. unshare \(EPERM\)$/],
])('an engine that cannot start (%s) is a fault', async (mode, message) => {
  const fault = await faultOf(open(mode));
  expect(fault).toEqual({ code: 'engine-start', message: expect.stringMatching(message) as string });
});

test('a command that is not there is a fault', async () => {
  const fault = await faultOf(createEngine({ bundles: [] }, { command: ['/nowhere/engine'] }));
  expect(fault).toEqual({ code: 'engine-start', message: expect.stringContaining('ENOENT') as string });
});

test('a closed engine is gone, and runs nothing more', async () => {
  const engine = await open();
  const { pid } = await look(engine);
  await engine.close();
  expect(isAlive(pid)).toBe(false);
  expect((await faultOf(engine.run(createPlan('server')))).code).toBe('engine-closed');
});

test('the files of a scenario are in the folder of the run while it lasts, and the folder is gone after it', async () => {
  const scenario = scenarioSchema.parse({
    title: 'x',
    files: { key: 'text', 'import/deep/1.xml': '<a/>' },
    start: [{ role: 'server' }],
  });
  const program = { kind: 'typescript', bundle: 0 } as const;
  const seen: unknown[] = [];
  const engine = await open();
  const watching = {
    run: async (plan: RunPlan) => {
      const names = readdirSync(plan.folder, { recursive: true }) as string[];
      const owners = new Set(['.', ...names].map((name) => statSync(path.join(plan.folder, name)).uid));
      seen.push(names.toSorted(), readFileSync(path.join(plan.folder, 'key'), 'utf8'), [...owners], plan.folder);
      return await engine.run(plan);
    },
  };
  await runScenario(watching, { programs: { server: program }, readable: [] }, 'x', scenario, DEFAULT_SCHEDULE);
  const student = process.geteuid!() === 0 ? 60_999 : process.geteuid!();
  expect(seen.slice(0, 3)).toEqual([['import', 'import/deep', 'import/deep/1.xml', 'key'], 'text', [student]]);
  expect(existsSync(seen[3] as string)).toBe(false);
});

test('a run that faults leaves no folder, and says which scenario it was', async () => {
  const scenario = scenarioSchema.parse({ title: 'x', start: [{ role: 'fault' }] });
  const program = { kind: 'typescript', bundle: 0 } as const;
  let folder = '';
  const engine = await open();
  const watching = {
    run: (plan: RunPlan) => {
      folder = plan.folder;
      return engine.run(plan);
    },
  };
  const fault = await faultOf(
    runScenario(watching, { programs: { fault: program }, readable: [] }, 'order', scenario, DEFAULT_SCHEDULE),
  );
  expect(fault).toEqual({
    code: 'run',
    message: 'The run could not be carried out. Scenario order: cannot read (EIO)',
  });
  expect(existsSync(folder)).toBe(false);
});
