import type { RunPlan, Trace } from '../../src/supervisor.js';
import { TestEngine, renderLines } from './engine-client.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = new TestEngine();
  expect(await engine.ask({ type: 'start', bundles: [] })).toEqual({ type: 'ready' });
});
afterAll(() => engine.close());

const plan = (manner: string, more: Partial<RunPlan> = {}): RunPlan =>
  engine.plan([engine.process('masks', [manner])], { signalCalls: true, ...more });

async function explore(manner: string, more: Partial<RunPlan> = {}): Promise<Trace[]> {
  const traces: Trace[] = [];
  for (let seed = 1; seed <= 60; seed++)
    traces.push(await engine.run(plan(manner, { strategy: { kind: 'random', seed }, ...more })));
  return traces;
}
const listEnds = (traces: Trace[]): string[] => [...new Set(traces.map(({ end }) => end.cause))].toSorted();

const renderMasks = ({ events }: Trace): string[] =>
  events
    .filter((event) => event.kind === 'call')
    .map(({ name, args, blocked }) =>
      [name, args.how, args.signals?.join('+') || 'none', blocked?.join('+') ?? '-'].join(' '),
    );

test('changes of the mask are calls, and every call says what is blocked when it returns', async () => {
  const trace = await engine.run(plan('suspend'));
  expect(renderMasks(trace)).toEqual([
    'sigaction  none -',
    'sigprocmask SIG_BLOCK SIGUSR1 SIGUSR1',
    'fork  none SIGUSR1',
    'kill  none SIGUSR1',
    'kill  none SIGUSR1',
    'sigsuspend  none SIGUSR1',
    'sigprocmask SIG_SETMASK none -',
    'wait  none -',
  ]);
});

test('without being asked for they are not seen, and nothing says what is blocked', async () => {
  const trace = await engine.run(plan('suspend', { signalCalls: false }));
  expect(renderMasks(trace)).toEqual([
    'sigaction  none -',
    'fork  none -',
    'kill  none -',
    'kill  none -',
    'sigsuspend  none -',
    'wait  none -',
  ]);
});

test('a signal that was sent twice before it was taken is one, of the process that sent it', async () => {
  const { events } = await engine.run(plan('suspend'));
  expect(events.filter(({ kind }) => kind === 'signal')).toEqual([
    { kind: 'signal', seq: expect.any(Number), process: 0, signal: 'SIGUSR1', from: 1, action: 'handler' },
  ]);
});

test('the wake-up that is lost between a look at a flag and pause is found, and comes again', async () => {
  const traces = await explore('flag');
  expect(listEnds(traces)).toEqual(['completed', 'deadlock']);
  const lost = traces.find(({ end }) => end.cause === 'deadlock')!;
  expect(lost.deviations.map(({ to }) => to)).toContain('masks#1+signal');
  expect(renderLines(lost).at(-1)).toBe('deadlock');
  const again = await engine.run(plan('flag', { deviations: lost.deviations }));
  expect(again).toEqual({ ...lost, misses: [] });
});

test('a program that blocks the signal before it looks, and unblocks it as it waits, loses none', async () => {
  const traces = await explore('suspend');
  expect(listEnds(traces)).toEqual(['completed']);
});

test('without being asked for, a signal of another process comes only into the call', async () => {
  const traces = await explore('flag', { signalCalls: false });
  expect(listEnds(traces)).toEqual(['completed']);
});

test('a signal that comes before its handler is installed kills, though its process stands at sigaction', async () => {
  const traces = await explore('late');
  const exits = traces.map(({ processes }) => processes[0]!.exit?.signal ?? 'not killed');
  expect([...new Set(exits)].toSorted()).toEqual(['SIGUSR1', 'not killed']);
});
