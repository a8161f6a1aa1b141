import type { CallEvent, Trace } from '../../src/supervisor.js';
import { TestEngine } from './engine-client.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = new TestEngine();
  expect(await engine.ask({ type: 'start', bundles: [] })).toEqual({ type: 'ready' });
});
afterAll(() => engine.close());

const SIGUSR1 = 10;
const SIGTERM = 15;

const listCalls = ({ events }: Trace): CallEvent[] => events.filter((event) => event.kind === 'call');
const run = async (...manner: string[]): Promise<Trace> =>
  await engine.run(engine.plan([engine.process('in-handlers', [manner.join(' ')])]));

/** Each message sent: its sender, its type, and the handler in which it was. */
const listSends = (trace: Trace): string[] =>
  listCalls(trace)
    .filter(({ name }) => name === 'msgsnd')
    .map(({ process, args, inHandler = 'none' }) => `${trace.processes[process]!.name} ${args.mtype} ${inHandler}`);

test('a call that a handler makes says so, and one after its return does not', async () => {
  const sends = listCalls(await run('returns')).filter(({ name }) => name === 'msgsnd');
  const args = { id: expect.any(Number) as number, flags: [] };
  const both = { kind: 'call', process: 0, name: 'msgsnd', result: 0, waited: false, queue: 0 };
  expect(sends).toEqual([
    {
      ...both,
      seq: 6,
      call: 5,
      arrived: 5,
      args: { ...args, mtype: SIGTERM, sizeBytes: 5 },
      message: 0,
      inHandler: 'SIGTERM',
    },
    { ...both, seq: 7, call: 6, arrived: 6, args: { ...args, mtype: 9, sizeBytes: 8 }, message: 1 },
  ]);
});

test('of handlers that interrupt one another the innermost counts, and then the outer one again', async () => {
  expect(listCalls(await run('nested')).map(({ name, inHandler }) => `${name} ${inHandler ?? 'none'}`)).toEqual([
    'msgget none',
    'sigaction none',
    'sigaction none',
    'kill none',
    'kill SIGUSR1',
    'msgsnd SIGTERM',
    'msgsnd SIGUSR1',
    'msgsnd none',
  ]);
});

test.each(['jumps', 'jumps aside', 'jumps open', 'jumps open aside', 'jumps nested'])(
  'a handler that is left by siglongjmp has ended, however deep the next call is: %s',
  async (manner) => {
    expect(listSends(await run(manner))).toEqual([`in-handlers#1 ${SIGTERM} SIGTERM`, 'in-handlers#1 9 none']);
  },
);

test.each(['open', 'aside', 'open aside'])('also if it is installed in other ways: %s', async (manner) => {
  expect(listSends(await run(manner))).toEqual([`in-handlers#1 ${SIGTERM} SIGTERM`, 'in-handlers#1 9 none']);
});

test('a child forked in a handler is in it, until it returns', async () => {
  expect(listSends(await run('forks nested')).toSorted()).toEqual([
    `in-handlers#1 ${SIGUSR1} SIGUSR1`,
    `in-handlers#1 ${SIGTERM} SIGTERM`,
    'in-handlers#1 9 none',
    `in-handlers#1.1 ${SIGUSR1} SIGUSR1`,
    'in-handlers#1.1 8 SIGTERM',
    'in-handlers#1.1 9 none',
  ]);
});

test('a call that never returned says whether it was in a handler, and so does one that a signal interrupted', async () => {
  const plan = engine.plan([engine.process('waits-in-handler')], {
    injections: [{ process: 'waits-in-handler#1', call: 3, signal: 'SIGTERM', placement: 'blocked' }],
  });
  const trace = await engine.run(plan);
  expect(listCalls(trace).map(({ name, error, inHandler }) => [name, error, inHandler])).toEqual([
    ['msgget', undefined, undefined],
    ['sigaction', undefined, undefined],
    ['msgrcv', 'EINTR', undefined],
  ]);
  expect(trace.end.waits).toEqual([
    {
      process: 0,
      call: 4,
      name: 'msgrcv',
      kind: 'message',
      args: { id: expect.any(Number) as number, sizeBytes: 32, msgtyp: 2, flags: [] },
      queue: 0,
      certain: true,
      inHandler: 'SIGTERM',
    },
  ]);
});

test('in a free run, too', async () => {
  const { events } = await engine.runFreely(engine.plan([engine.process('in-handlers', ['returns'])]));
  expect(
    events.filter((event) => event.kind === 'call').map(({ name, inHandler }) => `${name} ${inHandler ?? 'none'}`),
  ).toEqual(['msgget none', 'sigaction none', 'sigaction none', 'kill none', 'msgsnd SIGTERM', 'msgsnd none']);
});
