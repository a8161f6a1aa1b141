import { createPlan, DEFAULT_LIMITS } from '../../src/scenario/create-plan.js';
import { scenarioSchema } from '../../src/scenario/scenario.js';
import { createSchedule, DEFAULT_SCHEDULE } from '../../src/schedule/schedule.js';

const build = {
  programs: { server: { kind: 'typescript', bundle: 1 }, client: { kind: 'executable', path: '/build/client' } },
  readable: ['/build'],
} as const;

test('a restart waits for the end of one process, or of several; calls on files are asked for', () => {
  const scenario = scenarioSchema.parse({
    title: 'Restart',
    fileCalls: true,
    start: [
      { role: 'server' },
      { role: 'client' },
      { role: 'client', after: { ends: 'client#1' } },
      { role: 'client', after: { ends: ['server#1', 'client#2'] } },
    ],
  });
  const plan = createPlan(scenario, { ...build, readable: [] }, createSchedule({}), '/run');
  expect(plan.fileCalls).toBe(true);
  expect(plan.processes.map(({ after }) => after)).toEqual([
    undefined,
    undefined,
    [{ process: 'client#1', call: 'exit' }],
    [
      { process: 'server#1', call: 'exit' },
      { process: 'client#2', call: 'exit' },
    ],
  ]);
});

test('a scenario, a build and a schedule make the whole plan of a run', () => {
  const scenario = scenarioSchema.parse({
    title: 'Everything',
    files: { key: '' },
    start: [
      { role: 'server', stdin: 'one\n' },
      { role: 'client', args: ['a', '{pid:server#1}'], count: 2, after: { process: 'server#1', call: 'msgget' } },
    ],
    stop: [{ process: 'server#1', signal: 'SIGTERM' }],
    decoys: [{ key: 7, messages: [{ mtype: 2, text: 'hé' }] }],
    queueBytes: 64,
    pty: true,
    limits: { wallMs: 1000 },
  });
  const injections = [{ signal: 'SIGTERM', process: 'server#1', call: 2, placement: 'blocked' }] as const;
  const faults = [{ process: 'server#1', call: 1, effect: 'ENOSPC' }] as const;
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8', HOME: '/run', TERM: 'xterm' };
  const client = {
    role: 'client',
    program: { kind: 'executable', path: '/build/client' },
    args: ['a', '{pid:server#1}'],
    env,
    stdin: '',
    after: { process: 'server#1', call: 'msgget' },
  };
  expect(
    createPlan(
      scenario,
      { ...build, readable: ['/build'] },
      createSchedule({ strategy: { kind: 'random', seed: 3 }, injections: [...injections], faults: [...faults] }),
      '/run',
    ),
  ).toEqual({
    processes: [
      { name: 'server#1', role: 'server', program: { kind: 'typescript', bundle: 1 }, args: [], env, stdin: 'one\n' },
      { name: 'client#1', ...client },
      { name: 'client#2', ...client },
    ],
    strategy: { kind: 'random', seed: 3 },
    deviations: [],
    injections: [...injections],
    faults: [...faults],
    recordPoints: false,
    places: false,
    stops: [{ process: 'server#1', signal: 'SIGTERM' }],
    limits: { ...DEFAULT_LIMITS, wallMs: 1000 },
    folder: '/run',
    readable: ['/build'],
    decoys: [{ kind: 'queue', key: 7, mode: 0o600, messages: [{ mtype: 2, data: 'aMOp' }] }],
    queueBytes: 64,
    burntIds: 1,
    pty: true,
  });
});

test('a process that is absent is not started, and the others keep their names', () => {
  const scenario = scenarioSchema.parse({ title: 'x', start: [{ role: 'client', count: 3 }, { role: 'server' }] });
  const { processes } = createPlan(
    scenario,
    { ...build, readable: [] },
    createSchedule({ absent: ['client#2'] }),
    '/run',
  );
  expect(processes.map(({ name }) => name)).toEqual(['client#1', 'client#3', 'server#1']);
});

test('a role that did not build is a fault of the caller, who should not have run it', () => {
  const scenario = scenarioSchema.parse({ title: 'x', start: [{ role: 'daemon' }] });
  expect(() => createPlan(scenario, { ...build, readable: [] }, DEFAULT_SCHEDULE, '/run')).toThrow(
    'The run could not be planned. Expected a program for role daemon, got none: it did not build.',
  );
});
