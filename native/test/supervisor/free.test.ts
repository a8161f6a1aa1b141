import { availableParallelism } from 'node:os';
import type { FreeHistory, HistoryCall, RunPlan } from '../../src/supervisor.js';
import { TestEngine } from './engine-client.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = new TestEngine();
  await engine.ask({ type: 'start', bundles: [], cpu: 0 });
});
afterAll(() => engine.close());

const runFreely = (guest: string, args: string[] = [], more: Partial<RunPlan> = {}): Promise<FreeHistory> =>
  engine.runFreely(engine.plan([engine.process(guest, args)], more));
const getCalls = ({ events }: FreeHistory, process?: number): HistoryCall[] =>
  events.filter((event) => event.kind === 'call' && (process === undefined || event.process === process)) as never;
const getOutput = ({ events }: FreeHistory): string =>
  events.map((event) => (event.kind === 'output' ? event.text : '')).join('');
const renderCalls = (history: FreeHistory, process: number): string[] =>
  getCalls(history, process).map(({ name, error, result }) => `${name} = ${error ?? result}`);

test('every call is seen, with when it was entered and when it returned', async () => {
  const history = await runFreely('messages');
  expect(history.end).toEqual({ cause: 'completed', waits: [] });
  expect(renderCalls(history, 0)).toEqual([
    `msgget = ${getCalls(history)[0]!.result}`,
    `fork = ${history.processes[1]!.pid}`,
    'msgsnd = 0',
    'msgsnd = 0',
    `wait = ${history.processes[1]!.pid}`,
    'msgctl = 0',
  ]);
  expect(renderCalls(history, 1)).toEqual(['msgrcv = 4']);
  expect(getCalls(history, 1)[0]).toMatchObject({ args: { msgtyp: 42, mtype: 42 }, data: btoa('mine') });
  const stamps = history.events.flatMap((event) =>
    event.kind === 'call' ? [event.entered, event.returned!] : event.at,
  );
  expect(new Set(stamps).size).toBe(stamps.length);
  for (const call of getCalls(history)) expect(call.returned).toBeGreaterThan(call.entered);
  const [sent, received] = [getCalls(history, 0)[3]!, getCalls(history, 1)[0]!];
  expect(received.returned).toBeGreaterThan(sent.entered);
  expect(getOutput(history)).toBe('got mine\n');
  expect(history.processes.map(({ exit }) => exit)).toEqual([{ code: 0 }, { code: 3 }]);
});

test('processes run on all processors, though the engine keeps to one', async () => {
  expect(getOutput(await runFreely('processors'))).toBe(`${availableParallelism()}\n`);
});

test('each piece of output is told of the process that wrote it, though a family shares one stream', async () => {
  const history = await runFreely('writers');
  const lines = new Map(history.processes.map(({ pid }) => [pid, 0]));
  for (const event of history.events) {
    if (event.kind !== 'output') continue;
    const { pid } = history.processes[event.process]!;
    expect(event.text).toMatch(new RegExp(`^(?:by ${pid}\n)+$`));
    lines.set(pid, lines.get(pid)! + event.text.split('\n').length - 1);
  }
  expect([...lines.values()]).toEqual([300, 300, 300, 300]);
});

test('a gate holds a process back until the call has been made', async () => {
  const second = { ...engine.process('messages'), name: 'messages#2' };
  const history = await engine.runFreely(
    engine.plan([engine.process('messages'), { ...second, after: { process: 'messages#1', call: 'msgctl' } }]),
  );
  const removal = getCalls(history, 0).find(({ name }) => name === 'msgctl')!;
  const start = history.events.find((event) => event.kind === 'start' && event.process === 1)!;
  expect((start as { at: number }).at).toBeGreaterThan(removal.returned!);
});

test('a removal ends a sleep in the kernel', async () => {
  expect(['EIDRM then EINVAL\n', 'EINVAL then EINVAL\n']).toContain(getOutput(await runFreely('removed')));
});

test('an ignored SIGCHLD does not interrupt a call, as it would not without a tracer', async () => {
  expect(getOutput(await runFreely('ignorer'))).toBe('taken\n');
});

test('when all sleep, a stop is sent', async () => {
  const history = await runFreely('handler', [], { stops: [{ process: 'handler#1', signal: 'SIGTERM' }] });
  expect(getOutput(history)).toBe('EINTR, handler ran\n');
  expect(history.events).toContainEqual(
    expect.objectContaining({ kind: 'signal', signal: 'SIGTERM', from: 'scenario', action: 'handler' }),
  );
  expect(history.end.cause).toBe('completed');
});

test('when all sleep and nothing will come, it is a deadlock, with what each waits for', async () => {
  const history = await runFreely('deadlock');
  expect(history.end.cause).toBe('deadlock');
  expect(
    history.end.waits.map(({ process, call, name, kind, certain }) => [process, call, name, kind, certain]),
  ).toEqual([
    [0, 3, 'msgrcv', 'message', true],
    [1, 1, 'msgrcv', 'message', true],
  ]);
  expect(getCalls(history).filter(({ returned }) => returned === null)).toHaveLength(2);
  expect(history.left.queues).toMatchObject([{ status: { messages: 0 } }]);
});

test('sleeps and alarms are real, and what waits for one is not stuck', async () => {
  const before = performance.now();
  expect(getOutput(await runFreely('sleeper', ['1']))).toBe('woken\n');
  expect(performance.now() - before).toBeGreaterThan(2000);
});

test.each(['-1', String(2 ** 30)])('who sleeps beyond the end of all runs (%s ms) is told to stop', async (ms) => {
  const { end, processes } = await runFreely('idler', [ms], { stops: [{ process: 'idler#1', signal: 'SIGTERM' }] });
  expect([end.cause, processes[0]?.exit]).toEqual(['completed', { signal: 'SIGTERM' }]);
});

test('SIGKILL comes from its sender', async () => {
  const history = await runFreely('killer');
  expect(history.processes.map(({ exit }) => exit)).toEqual([{ code: 9 }, { signal: 'SIGKILL' }]);
  expect(history.events).toContainEqual(
    expect.objectContaining({ kind: 'signal', process: 1, signal: 'SIGKILL', from: 0, action: 'killed' }),
  );
});

test('limits hold', async () => {
  expect((await runFreely('spinner')).end).toMatchObject({ cause: 'cpu-limit', process: 0, detail: '500 ms' });
  const limits = { ...engine.plan([]).limits, steps: 3 };
  expect((await runFreely('messages', [], { limits })).end).toMatchObject({ cause: 'step-limit' });
});

test('tells what is left', async () => {
  const { left } = await runFreely('leaver');
  expect(left).toEqual({
    queues: [
      {
        id: expect.any(Number),
        key: 0,
        status: { mode: 0o600, messages: 1, bytes: 4, maxBytes: 16_384 },
        messages: [{ mtype: 1, data: btoa('left') }],
      },
    ],
    segments: [expect.any(Number)],
    semaphores: [expect.any(Number)],
  });
});
