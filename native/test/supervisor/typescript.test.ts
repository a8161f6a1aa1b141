import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'esbuild';
import type { ProcessPlan } from '../../src/supervisor.js';
import { TestEngine, renderLines } from './engine-client.js';
import { GUESTS } from './typescript-guests.js';

const names = Object.keys(GUESTS);
let engine: TestEngine;

beforeAll(async () => {
  engine = new TestEngine();
  const bundles = Object.entries(GUESTS).map(([name, source]) => {
    const file = path.join(engine.folder, `${name}.cjs`);
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'cjs',
      target: 'node20',
      sourcemap: 'external',
      sourcefile: `src/${name}.ts`,
    });
    writeFileSync(file, code);
    writeFileSync(`${file}.map`, map);
    return file;
  });
  expect(await engine.ask({ type: 'start', bundles })).toEqual({ type: 'ready' });
});
afterAll(() => engine.close());

const role = (name: keyof typeof GUESTS, more: Partial<ProcessPlan> = {}): ProcessPlan => ({
  name: `${name}#1`,
  role: name,
  program: { kind: 'typescript', bundle: names.indexOf(name) },
  args: [],
  env: {},
  stdin: '',
  ...more,
});
const outputOf = (lines: string[]) => lines.filter((line) => line.includes(' says '));

test('a program forked from the warm zygote makes the calls that C would', async () => {
  expect(renderLines(await engine.run(engine.plan([role('hello')])))).toEqual([
    'p start',
    'p msgget = id',
    'p fork = p.1',
    'p msgsnd(42) = 0',
    'p.1 start',
    'p.1 msgrcv(42) = 5',
    'p.1 says "Received hello!\\n"',
    'p.1 msgctl(IPC_RMID) = 0',
    'p.1 ends 0',
    'p wait = p.1 waited',
    'p ends 0',
    'completed',
  ]);
});

test('the same seed gives the same trace, with threads, timers and files too', async () => {
  for (const name of ['hello', 'async'] as const) {
    const plan = engine.plan([role(name)], { strategy: { kind: 'random', seed: 5 } });
    const first = await engine.run(plan);
    expect(first.end.cause).toBe('completed');
    for (let i = 0; i < 50; i++) expect(await engine.run(plan)).toEqual(first);
  }
});

test('a role has its arguments, its environment, its folder, and is never root', async () => {
  const plan = engine.plan([role('surroundings', { args: ['a b', 'c'], env: { GREETING: 'hi' } })]);
  const trace = await engine.run(plan);
  const told = trace.events.flatMap((event) =>
    event.kind === 'output' && event.stream === 'stdout' ? [JSON.parse(event.text) as unknown] : [],
  );
  expect(told).toEqual([
    {
      args: ['a b', 'c'],
      cwd: plan.folder,
      files: expect.arrayContaining(['mine.txt']) as unknown,
      greeting: 'hi',
      uid: 60999,
      terminal: false,
      pid: 20000,
      names: ['GREETING'],
    },
  ]);
  expect(readFileSync(path.join(plan.folder, 'mine.txt'), 'utf8')).toBe('x');
  expect(outputOf(renderLines(trace))).toContain('p says "to stderr\\n"');
});

test('a role sees nothing of what the zygote has used beforehand', async () => {
  const trace = await engine.run(engine.plan([role('untouched')]));
  const told = { queue: 'ENOENT', pending: [], blocked: [], threads: 1, listeners: [] };
  expect(outputOf(renderLines(trace))).toEqual([`p says ${JSON.stringify(`${JSON.stringify(told)}\n`)}`]);
  expect(trace.processes[0]?.exit).toEqual({ signal: 'SIGUSR2' });
});

test('a role has a terminal where the scenario asks for one', async () => {
  const trace = await engine.run(engine.plan([role('surroundings')], { pty: true }));
  expect(outputOf(renderLines(trace)).join()).toMatch(/\\"terminal\\":true.*\\n"/);
});

test('a role reads its input to the end', async () => {
  const trace = await engine.run(engine.plan([role('input', { stdin: 'two\nlines' })]));
  expect(outputOf(renderLines(trace))).toEqual(['p says "TWO\\nLINES\\n"']);
});

test('an uncaught error names the line of the TypeScript source, and ends the process with 1', async () => {
  const lines = renderLines(await engine.run(engine.plan([role('thrower')])));
  expect(lines.at(-2)).toBe('p ends 1');
  expect(outputOf(lines).join()).toContain('TypeError: on purpose\\n    at inner (src/thrower.ts:3:13)');
});

test('a server that runs for ever is told to stop when nothing else can move', async () => {
  const plan = engine.plan([role('stopped')], { stops: [{ process: 'stopped#1', signal: 'SIGTERM' }] });
  expect(renderLines(await engine.run(plan))).toEqual([
    'p start',
    'p msgget = id',
    'p sigaction = 0',
    'p <- SIGTERM handler',
    'p msgrcv(0) = EINTR waited',
    'p says "cleaning up\\n"',
    'p msgctl(IPC_RMID) = 0',
    'p ends 0',
    'completed',
  ]);
});

test('a call in a handler says so: nested, after a throw and in a forked child; not in a listener of the event loop', async () => {
  const trace = await engine.run(engine.plan([role('inHandlers')]));
  const sends = trace.events
    .filter((event) => event.kind === 'call')
    .filter(({ name }) => name !== 'sigaction' && name !== 'kill')
    .map(({ process, name, args, inHandler }) => [trace.processes[process]!.name, name, args.mtype, inHandler]);
  expect(sends.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
    ['inHandlers#1', 'msgget', undefined, undefined],
    ['inHandlers#1', 'msgsnd', 2, 'SIGUSR2'],
    ['inHandlers#1', 'msgsnd', 1, 'SIGUSR1'],
    ['inHandlers#1', 'msgsnd', 3, 'SIGTERM'],
    ['inHandlers#1', 'msgsnd', 7, undefined],
    ['inHandlers#1', 'fork', undefined, 'SIGQUIT'],
    ['inHandlers#1', 'msgsnd', 5, 'SIGQUIT'],
    ['inHandlers#1', 'wait', undefined, 'SIGQUIT'],
    ['inHandlers#1', 'msgsnd', 8, undefined],
    ['inHandlers#1', 'msgsnd', 6, undefined],
    ['inHandlers#1.1', 'msgsnd', 4, 'SIGQUIT'],
    ['inHandlers#1.1', 'msgsnd', 8, undefined],
    ['inHandlers#1.1', 'msgsnd', 6, undefined],
  ]);
});

test('a timer that is due after the end of the run is not waited for: what else may come does', async () => {
  const stops = [{ process: 'awake#1', signal: 'SIGTERM' as const }];
  expect(renderLines(await engine.run(engine.plan([role('awake')], { stops })))).toEqual([
    'p start',
    'p sigaction = 0',
    'p <- SIGTERM handler',
    'p ends 0',
    'completed',
  ]);
  const { end } = await engine.run(engine.plan([role('awake')]));
  expect(end).toEqual({
    cause: 'idle',
    waits: [{ process: 0, call: 2, name: 'poll', args: {}, kind: 'timer', certain: true }],
  });
});

test.each([
  { call: 3, placement: 'after' },
  { call: 4, placement: 'before' },
] as const)('one that was told to stop is not told again $placement its call $call', async ({ call, placement }) => {
  const plan = engine.plan([role('stopped')], {
    stops: [{ process: 'stopped#1', signal: 'SIGTERM' }],
    injections: [{ signal: 'SIGTERM', process: 'stopped#1', call, placement }],
  });
  const trace = await engine.run(plan);
  expect(trace.injections).toEqual([{ status: 'not-reached' }]);
  expect(renderLines(trace).filter((line) => line.includes('SIGTERM'))).toEqual(['p <- SIGTERM handler']);
});

test.each(['before', 'entry', 'blocked'] as const)(
  'a handler runs before the call sleeps, with the signal %s the call',
  async (placement) => {
    const plan = engine.plan([role('stopped')], {
      injections: [{ signal: 'SIGTERM', process: 'stopped#1', call: 3, placement }],
    });
    const trace = await engine.run(plan);
    expect(trace.end.cause).toBe('completed');
    expect(trace.processes[0]!.exit).toEqual({ code: 0 });
    expect(trace.queues.map(({ left }) => left)).toEqual([false]);
  },
);

test.each(['before', 'entry', 'blocked'] as const)(
  'a signal %s a call of a helper thread reaches the event loop',
  async (placement) => {
    const plan = engine.plan([role('aborted')], {
      injections: [{ signal: 'SIGTERM', process: 'aborted#1', call: 3, placement }],
    });
    expect(renderLines(await engine.run(plan))).toEqual([
      'p start',
      'p msgget = id',
      'p sigaction = 0',
      `p <- SIGTERM handler ${placement} call 3`,
      'p msgrcv(1) = EINTR waited',
      'p says "AbortError\\n"',
      'p msgctl(IPC_RMID) = 0',
      'p ends 0',
      'completed',
    ]);
  },
);

test('endless output is stopped at the limit', async () => {
  const { end } = await engine.run(engine.plan([role('writer')]));
  expect(end).toEqual(expect.objectContaining({ cause: 'output-limit', process: 0, detail: '65536 bytes' }));
});

test('nothing outside the folder can be read, written or reached', async () => {
  const trace = await engine.run(engine.plan([role('outside')]));
  expect(outputOf(renderLines(trace))).toEqual(['p says "shadow EACCES\\noutside EROFS\\nsocket EACCES\\n"']);
});

test('a gate keeps a role back until another has done what it waits for', async () => {
  const gated = role('surroundings', { after: { process: 'hello#1', call: 'wait' } });
  const trace = await engine.run(engine.plan([gated, role('hello')]));
  const starts = trace.events.findIndex((event) => event.kind === 'start' && event.process === 0);
  const waited = trace.events.findIndex((event) => event.kind === 'call' && event.name === 'wait');
  expect(starts).toBeGreaterThan(waited);
});
