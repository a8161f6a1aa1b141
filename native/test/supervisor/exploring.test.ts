import type { ProcessPlan, RunPlan, Strategy, Trace } from '../../src/supervisor.js';
import { canRunAsUser, TestEngine, renderLines } from './engine-client.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = new TestEngine();
  await engine.ask({ type: 'start', bundles: [] });
});
afterAll(() => engine.close());

const scripts = (...programs: string[]): ProcessPlan[] =>
  programs.map((program, index) => engine.process('script', program.split(' '), { name: `p#${index + 1}` }));
const run = (programs: string[], more: Partial<RunPlan> = {}): Promise<Trace> =>
  engine.run(engine.plan(scripts(...programs), more));
const says = (trace: Trace): string[] =>
  trace.processes.map((_, process) =>
    trace.events
      .flatMap((event) => (event.kind === 'output' && event.process === process ? [event.text] : []))
      .join(''),
  );

describe('strategies', () => {
  const PROGRAMS = ['get snd1 snd2 rcv9 rm', 'get rcv1 snd9', 'get rcv2 try0'];
  const STRATEGIES: Strategy[] = [
    { kind: 'random', seed: 1 },
    { kind: 'pct', seed: 1, depth: 1, choices: 12 },
    { kind: 'pct', seed: 1, depth: 3, choices: 12 },
    { kind: 'pos', seed: 1 },
  ];

  test.each(STRATEGIES)(
    '$kind: a seed gives the same run each time, and its deviations replay it',
    async (strategy) => {
      const events = new Set<string>();
      for (let seed = 1; seed <= 20; seed++) {
        const drawn = { strategy: { ...strategy, seed } as Strategy };
        const trace = await run(PROGRAMS, drawn);
        expect(await run(PROGRAMS, drawn)).toEqual(trace);
        expect(await run(PROGRAMS, { deviations: trace.deviations })).toEqual(trace);
        events.add(JSON.stringify(trace.events));
      }
      expect(events.size).toBeGreaterThan(3);
    },
  );

  test('sleepers that are drawn to wake up early do so again when the run is replayed', async () => {
    for (let seed = 1; seed <= 20; seed++) {
      const trace = await run(['nap10 get snd1', 'nap20 get try1', 'get try1'], { strategy: { kind: 'random', seed } });
      expect(await run(['nap10 get snd1', 'nap20 get try1', 'get try1'], { deviations: trace.deviations })).toEqual(
        trace,
      );
    }
  });

  test.each(STRATEGIES)('$kind lets those move whom a busy waiter waits for', async (strategy) => {
    for (let seed = 1; seed <= 10; seed++) {
      const { end } = await run(['get loop900 try5', 'get loop900 try6', 'get snd5 snd6'], {
        strategy: { ...strategy, seed } as Strategy,
        limits: { ...engine.plan([]).limits, steps: 5000 },
      });
      expect(end.cause).toBe('completed');
    }
  });

  test('the choices are told on request: who could move, who would have, and whether it is a preemption', async () => {
    const { points } = await run(['get rm', 'get'], {
      recordPoints: true,
      deviations: [{ at: 'p#1', call: 1, to: 'p#2' }],
    });
    expect(points).toEqual([
      { at: '', call: 0, to: 'p#1', able: ['p#1', 'p#2'], usual: 'p#1', preempts: false, seq: 0 },
      { at: 'p#1', call: 1, to: 'p#2', able: ['p#1', 'p#2'], usual: 'p#1', preempts: true, seq: 1 },
      { at: 'p#2', call: 1, to: 'p#2', able: ['p#1', 'p#2'], usual: 'p#2', preempts: true, seq: 2 },
    ]);
  });

  test('deviations that did not come about are told', async () => {
    const { misses } = await run(['get snd1', 'get rcv2'], {
      deviations: [
        { at: 'p#1', call: 1, to: 'p#2' },
        { at: 'p#2', call: 2, to: 'p#2' },
        { at: 'p#1', call: 40, to: 'p#2' },
      ],
    });
    expect(misses).toEqual([
      { deviation: 1, reason: 'not-able', seq: 3 },
      { deviation: 2, reason: 'not-reached' },
    ]);
  });
});

describe('faults', () => {
  test('a call fails as planned, without being made, and the next one does not', async () => {
    const trace = await run(['get get snd1'], { faults: [{ process: 'p#1', call: 1, effect: 'ENOSPC' }] });
    expect(says(trace)).toEqual(['ENOSPC done\n']);
    expect(trace.queues).toHaveLength(1);
    expect(trace.events[1]).toMatchObject({ name: 'msgget', result: -1, error: 'ENOSPC', forced: true });
    expect(trace.faults).toEqual([{ status: 'landed', seq: 1 }]);
  });

  test('a fork fails, and there is no child', async () => {
    const trace = await run(['fork1 get get'], { faults: [{ process: 'p#1', call: 1, effect: 'EAGAIN' }] });
    expect(says(trace)).toEqual(['EAGAIN done\n']);
    expect(trace.processes).toHaveLength(1);
  });

  test('a call that would wait fails at once', async () => {
    const trace = await run(['get rcv1'], { faults: [{ process: 'p#1', call: 2, effect: 'EINTR' }] });
    expect(says(trace)).toEqual(['EINTR done\n']);
  });

  test('a fault whose call does not come is told', async () => {
    expect((await run(['get'], { faults: [{ process: 'p#1', call: 9, effect: 'EIDRM' }] })).faults).toEqual([
      { status: 'not-reached' },
    ]);
  });

  test('a queue is removed under their feet: who sleeps gets EIDRM, who calls later EINVAL', async () => {
    const trace = await run(['get rcv1', 'get snd2 snd2'], { faults: [{ process: 'p#2', call: 2, effect: 'RMID' }] });
    expect(says(trace)).toEqual(['EIDRM done\n', 'EINVAL EINVAL done\n']);
    expect(trace.queues).toMatchObject([{ remover: null, left: false }]);
    expect(trace.events.filter(({ kind }) => kind === 'removal')).toEqual([
      { kind: 'removal', seq: trace.faults[0]!.seq, process: 1, queue: 0 },
    ]);
  });

  test('who waits where it is removed sleeps on it too', async () => {
    const trace = await run(['get rcv1'], { faults: [{ process: 'p#1', call: 2, effect: 'RMID' }] });
    expect(says(trace)).toEqual(['EIDRM done\n']);
  });
});

test('who could have had its message before the queue was removed was not asleep: EINVAL', async () => {
  const trace = await run(['get rcv1', 'get snd1 rm'], {
    deviations: [{ at: 'p#2', call: 3, to: 'p#2' }],
  });
  expect(says(trace)).toEqual(['EINVAL done\n', 'done\n']);
});

describe('signals', () => {
  test('of a terminal come to all that have begun, wherever they are', async () => {
    const trace = await run(['get handle rcv1', 'get handle rcv2', 'rm'], {
      injections: [{ signal: 'SIGINT', process: 'p#2', call: 4, placement: 'blocked', group: true }],
    });
    expect(says(trace)).toEqual(['EINTR done\n', 'EINTR done\n', 'EINVAL done\n']);
    expect(trace.injections).toMatchObject([{ status: 'landed' }]);
  });

  test('for several come to those alone, wherever they are', async () => {
    const trace = await run(['get handle rcv1', 'get handle rcv2', 'get handle rcv3', 'get rm'], {
      injections: [{ signal: 'SIGINT', process: 'p#3', call: 4, placement: 'blocked', also: ['p#1'] }],
    });
    expect(says(trace)).toEqual(['EINTR done\n', 'EIDRM done\n', 'EINTR done\n', 'done\n']);
  });

  test('SIGSTOP holds a process until nothing else can move; then SIGCONT lets it go on', async () => {
    const trace = await run(['get snd1 snd2', 'get rcv1'], {
      injections: [{ signal: 'SIGSTOP', process: 'p#1', call: 3, placement: 'before' }],
    });
    expect(renderLines(trace)).toEqual([
      'p start',
      'p msgget = id',
      'p msgsnd(1) = 0',
      'p <- SIGSTOP stopped before call 3',
      'p#2 start',
      'p#2 msgget = id',
      'p#2 msgrcv(1) = 4',
      'p#2 says "1 done\\n"',
      'p#2 ends 0',
      'p <- SIGCONT continued',
      'p msgsnd(2) = 0',
      'p says "done\\n"',
      'p ends 0',
      'completed',
    ]);
  });

  test('the alarm of a stopped process comes when it has gone on', async () => {
    const plan = engine.plan([engine.process('sleeper')], {
      injections: [{ signal: 'SIGSTOP', process: 'sleeper#1', call: 4, placement: 'blocked' }],
    });
    expect(renderLines(await engine.run(plan)).slice(3)).toEqual([
      'p alarm = 0',
      'p <- SIGSTOP stopped blocked call 4',
      'p <- SIGCONT continued',
      'p <- SIGALRM handler',
      'p pause = EINTR waited',
      'p says "woken\\n"',
      'p ends 0',
      'completed',
    ]);
  });
});

describe("a stranger's queue", () => {
  const decoys: RunPlan['decoys'] = [{ kind: 'queue', key: 7, mode: 0o600, messages: [{ mtype: 1, data: 'aGk=' }] }];
  const refused = ['EACCES done\n', 'EACCES done\n'];

  test('refuses what its mode does not allow', async () => {
    const trace = await run(['get', 'open try1'], { decoys });
    expect(says(trace)).toEqual(refused);
    expect(trace.queues).toMatchObject([{ creator: null, left: true, pending: [0] }]);
  });

  const asUser = canRunAsUser();
  if (!asUser) console.warn('Not root, or no user namespace for user 1000 here: not tried as an ordinary user');
  (asUser ? test : test.skip)('and does so too where the kernel takes it for our own', async () => {
    const ordinary = new TestEngine({ asUser: true });
    try {
      await ordinary.ask({ type: 'start', bundles: [] });
      const processes = [['get'], ['open', 'try1']].map((args, index) =>
        ordinary.process('script', args, { name: `p#${index}` }),
      );
      expect(says(await ordinary.run(ordinary.plan(processes, { decoys })))).toEqual(refused);
    } finally {
      await ordinary.close();
    }
  });

  test('that lets everybody in can be used, and not removed', async () => {
    const trace = await run(['open rcv1 rm'], { decoys: [{ ...decoys[0]!, mode: 0o666 }] });
    expect(says(trace)).toEqual(['1 EPERM done\n']);
  });
});

describe('polling', () => {
  const limits = (): RunPlan['limits'] => ({ ...engine.plan([]).limits, steps: 5000 });

  test('a loop that waits for what never comes ends the run as busy waiting', async () => {
    const { end } = await run(['get loop5000 try1'], { limits: limits() });
    expect(end).toMatchObject({ cause: 'busy-waiting', process: 0 });
  });

  test('does not keep a sleeper from its time, nor a stop from coming', async () => {
    const trace = await run(['get loop5000 try1', 'get nap1000 snd1'], { limits: limits() });
    expect(says(trace)).toEqual(['1 done\n', 'done\n']);
    const stopped = await run(['get loop5000 try1', 'get rcv2'], {
      limits: limits(),
      stops: [
        { process: 'p#1', signal: 'SIGTERM' },
        { process: 'p#2', signal: 'SIGTERM' },
      ],
    });
    expect(stopped.processes.map(({ exit }) => exit)).toEqual([{ signal: 'SIGTERM' }, { signal: 'SIGTERM' }]);
    expect(stopped.end.cause).toBe('completed');
  });
});
