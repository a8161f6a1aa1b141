import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import type { Placement } from '../../src/supervisor.js';
import { TestEngine, renderLines } from './engine-client.js';

let engine: TestEngine;
beforeAll(async () => {
  engine = new TestEngine();
  await engine.ask({ type: 'start', bundles: [] });
});
afterAll(() => engine.close());

describe('the default order', () => {
  test('runs a process on until it is blocked, then the one that started first', async () => {
    expect(await engine.lines('messages')).toEqual([
      'p start',
      'p msgget = id',
      'p fork = p.1',
      'p msgsnd(7) = 0',
      'p msgsnd(42) = 0',
      'p.1 start',
      'p.1 msgrcv(42) = 4',
      'p.1 says "got mine\\n"',
      'p.1 ends 3',
      'p wait = p.1 waited',
      'p msgctl(IPC_RMID) = 0',
      'p ends 0',
      'completed',
    ]);
  });

  test('lets others move after a poll that found nothing', async () => {
    expect(await engine.lines('poller')).toEqual([
      'p start',
      'p msgget = id',
      'p fork = p.1',
      'p msgrcv(0) = ENOMSG',
      'p.1 start',
      'p.1 msgsnd(1) = 0',
      'p.1 ends 0',
      'p msgrcv(0) = 4',
      'p wait = p.1',
      'p msgctl(IPC_RMID) = 0',
      'p ends 0',
      'completed',
    ]);
  });

  test('does not wait for sleeps and alarms', async () => {
    expect(await engine.lines('sleeper')).toEqual([
      'p start',
      'p sigaction = 0',
      'p sleep = 0 waited',
      'p alarm = 0',
      'p <- SIGALRM handler',
      'p pause = EINTR waited',
      'p says "woken\\n"',
      'p ends 0',
      'completed',
    ]);
  });

  test('follows semaphores and shared segments', async () => {
    expect(await engine.lines('semaphores')).toEqual([
      'p start',
      'p semget = id',
      'p shmget = id',
      'p shmat = 0',
      'p fork = p.1',
      'p semop = 0',
      'p.1 start',
      'p.1 semop = 0',
      'p.1 says "5\\n"',
      'p.1 ends 0',
      'p wait = p.1 waited',
      'p shmdt = 0',
      'p shmctl(IPC_RMID) = 0',
      'p semctl(IPC_RMID) = 0',
      'p ends 0',
      'completed',
    ]);
  });

  test('ends a sleep by EIDRM when the queue is removed; a call made later gets EINVAL', async () => {
    expect(await engine.lines('removed')).toEqual([
      'p start',
      'p msgget = id',
      'p fork = p.1',
      'p.1 start',
      'p sleep = 0 waited',
      'p msgctl(IPC_RMID) = 0',
      'p.1 msgrcv(0) = EIDRM waited',
      'p.1 msgrcv(0) = EINVAL',
      'p.1 says "EIDRM then EINVAL\\n"',
      'p.1 ends 0',
      'p wait = p.1 waited',
      'p ends 0',
      'completed',
    ]);
  });

  test('does not let an ignored SIGCHLD interrupt a call, as it would not without a tracer', async () => {
    expect(await engine.lines('ignorer')).toContain('p semop = 0 waited');
  });
});

describe('the end of a run', () => {
  test('is a deadlock as soon as nothing can move, with what each process waits for', async () => {
    const trace = await engine.run(engine.plan([engine.process('deadlock')]));
    expect(trace.end).toEqual({
      cause: 'deadlock',
      waits: [
        {
          process: 0,
          call: 3,
          name: 'msgrcv',
          args: { id: trace.queues[0]!.id, msgtyp: 2, sizeBytes: 32, flags: [] },
          kind: 'message',
          queue: 0,
          certain: true,
        },
        {
          process: 1,
          call: 1,
          name: 'msgrcv',
          args: { id: trace.queues[0]!.id, msgtyp: 1, sizeBytes: 32, flags: [] },
          kind: 'message',
          queue: 0,
          certain: true,
        },
      ],
    });
    expect(trace.processes.map(({ endedBySupervisor }) => endedBySupervisor)).toEqual([true, true]);
    expect(trace.queues.map(({ left }) => left)).toEqual([true]);
  });

  test('names a process that computes for ever', async () => {
    const { end } = await engine.run(engine.plan([engine.process('spinner')]));
    expect(end).toEqual({
      cause: 'cpu-limit',
      process: 0,
      detail: '500 ms',
      waits: [expect.objectContaining({ kind: 'unknown' })],
    });
  });

  test.each([
    ['10', 'completed'],
    ['30', 'step-limit'],
  ])('counts a forked process as many calls (%s)', async (times, cause) => {
    // Of 500 steps each takes 25, and a few for the calls.
    expect((await engine.run(engine.plan([engine.process('forker', [times])]))).end.cause).toBe(cause);
  });

  test.each([
    ['little for each of many calls', ['500', '400'], 'completed'],
    ['as much for one alone', ['200000', '1'], 'cpu-limit'],
    ['much for each', ['20000', '400'], 'cpu-limit'],
  ])('knows a program that computes %s', async (_, args, cause) => {
    const limits = { ...engine.plan([]).limits, cpuMs: 50, steps: 2000 };
    const { end, processes } = await engine.run(engine.plan([engine.process('worker', args)], { limits }));
    expect([end.cause, end.detail]).toEqual([cause, cause === 'completed' ? undefined : '50 ms']);
    if (cause === 'completed') expect(processes[0]?.exit).toEqual({ code: 0 });
  });

  test('leaves a program its time where others keep the processors busy', async () => {
    const limits = { ...engine.plan([]).limits, wallMs: 600, cpuMs: 5000 };
    const others = Array.from({ length: 4 * availableParallelism() }, () => spawn(engine.guest('spinner')));
    try {
      await Promise.all(others.map(async (other) => once(other, 'spawn')));
      const { end } = await engine.run(engine.plan([engine.process('worker', ['400'])], { limits }));
      expect(end).toEqual({ cause: 'completed', waits: [] });
    } finally {
      for (const other of others) other.kill('SIGKILL');
    }
  });

  test('names a child that outlived its parent', async () => {
    expect(await engine.lines('orphan')).toEqual([
      'p start',
      'p msgget = id',
      'p fork = p.1',
      'p ends 0',
      'p.1 orphan',
      'p.1 start',
      'deadlock',
    ]);
  });

  test('tells every object that is left, by whom it was made, and what is in it', async () => {
    const trace = await engine.run(engine.plan([engine.process('leaver')]));
    expect(trace.queues).toEqual([
      expect.objectContaining({ kind: 'queue', creator: 0, remover: null, left: true, pending: [0] }),
    ]);
    expect(trace.semaphores).toEqual([
      expect.objectContaining({ kind: 'semaphores', creator: 0, count: 2, left: true }),
    ]);
    expect(trace.segments).toEqual([
      expect.objectContaining({ kind: 'segment', creator: 0, sizeBytes: 100, left: true }),
    ]);
    expect(trace.messages).toEqual([
      {
        queue: 0,
        mtype: 1,
        sizeBytes: 4,
        data: Buffer.from('left').toString('base64'),
        sender: 0,
        sentAt: 2,
        receiver: null,
        receivedAt: null,
      },
    ]);
    expect(renderLines(trace)).toContain('p.1 says "through a shell\\n"');
  });
});

describe('signals', () => {
  test('SIGKILL takes effect at once, always after the call is told, and the parent can reap', async () => {
    // Often: who of the two is heard first is the kernel's to decide.
    for (let run = 0; run < 30; run++)
      expect(await engine.lines('killer')).toEqual([
        'p start',
        'p fork = p.1',
        'p kill = p.1',
        'p.1 <- SIGKILL killed',
        'p.1 ends SIGKILL',
        'p wait = p.1',
        'p ends 9',
        'completed',
      ]);
  });

  test('of several killed at once, they die in the order of their start', async () => {
    for (let run = 0; run < 10; run++)
      expect((await engine.lines('killers')).filter((line) => /kill|SIGKILL$/.test(line))).toEqual([
        'p kill = 0',
        ...['p.1', 'p.2', 'p.3'].flatMap((child) => [`${child} <- SIGKILL killed`, `${child} ends SIGKILL`]),
      ]);
  });

  test('another fatal signal takes effect when the target is the one to move', async () => {
    expect(await engine.lines('killer', ['15'])).toEqual([
      'p start',
      'p fork = p.1',
      'p kill = p.1',
      'p.1 start',
      'p.1 <- SIGTERM killed',
      'p.1 ends SIGTERM',
      'p wait = p.1 waited',
      'p ends 15',
      'completed',
    ]);
  });

  // handler.c: call 1 is sigaction, 2 msgget, 3 msgrcv on an empty queue.
  const place = (placement: Placement, call: number) =>
    engine.lines('handler', [], { injections: [{ signal: 'SIGTERM', process: 'handler#1', call, placement }] });

  test('before the call: the handler runs, and the call is made afresh and sleeps (the lost wake-up)', async () => {
    expect(await place('before', 3)).toEqual([
      'p start',
      'p sigaction = 0',
      'p msgget = id',
      'p <- SIGTERM handler before call 3',
      'deadlock',
    ]);
  });

  test.each(['entry', 'blocked'] as const)(
    'at %s of a call that sleeps: EINTR, whatever SA_RESTART says',
    async (placement) => {
      expect(await place(placement, 3)).toEqual([
        'p start',
        'p sigaction = 0',
        'p msgget = id',
        `p <- SIGTERM handler ${placement} call 3`,
        'p msgrcv(0) = EINTR waited',
        'p msgctl(IPC_RMID) = 0',
        'p says "EINTR, handler ran\\n"',
        'p ends 0',
        'completed',
      ]);
    },
  );

  test('after the call: the handler runs before the next statement', async () => {
    expect(await place('after', 2)).toEqual([
      'p start',
      'p sigaction = 0',
      'p msgget = id',
      'p <- SIGTERM handler after call 2',
      'p msgsnd(1) = 0',
      'p msgrcv(0) = 5',
      'p msgctl(IPC_RMID) = 0',
      'p says "message, handler ran\\n"',
      'p ends 0',
      'completed',
    ]);
  });

  test('before the handler is there: the process is killed', async () => {
    expect(await place('before', 1)).toEqual([
      'p start',
      'p <- SIGTERM killed before call 1',
      'p ends SIGTERM',
      'completed',
    ]);
  });

  test('what did not happen is told: a call that did not block, a call that was not reached', async () => {
    const plan = engine.plan([engine.process('handler')], {
      injections: [
        { signal: 'SIGTERM', process: 'handler#1', call: 2, placement: 'blocked' },
        { signal: 'SIGTERM', process: 'handler#1', call: 9, placement: 'before' },
      ],
    });
    expect((await engine.run(plan)).injections).toEqual([{ status: 'not-blocked' }, { status: 'not-reached' }]);
  });
});

describe('schedules', () => {
  test('a seed gives the same trace every time', async () => {
    const plan = engine.plan([engine.process('messages')], { strategy: { kind: 'random', seed: 7 } });
    const first = JSON.stringify(await engine.run(plan));
    for (let i = 0; i < 20; i++) expect(JSON.stringify(await engine.run(plan))).toBe(first);
  });

  test('seeds differ, and the deviations of a run replay it', async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 30; seed++) {
      const plan = engine.plan([engine.process('messages')], { strategy: { kind: 'random', seed } });
      const trace = await engine.run(plan);
      const replayed = await engine.run(engine.plan(plan.processes, { deviations: trace.deviations }));
      expect(replayed).toEqual(trace);
      seen.add(JSON.stringify(trace.events));
    }
    expect(seen.size).toBe(3); // the child begins before, between or after the two sends
  });
});
