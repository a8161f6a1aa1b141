import { createSchedule, Fault, type Schedule } from '@ipclab/harness';
import type { CallFault, Deviation, Injection, Trace } from '@ipclab/native/supervisor';
import * as fc from 'fast-check';
import { shrinkSchedule, type ShrinkOptions } from '../../src/explore/shrink-schedule.js';
import { listMoves, runWorld, type World } from './fake-world.js';

const WORLD: World = {
  'server#1': ['msgget', 'msgrcv', 'msgctl'],
  'client#1': ['msgget', 'msgsnd'],
  'client#2': ['msgget', 'msgsnd'],
  'client#3': ['msgget', 'msgsnd'],
};
const move = (at: string, call: number, to: string): Deviation => ({ at, call, to });
const signal = (process: string, call: number): Injection => ({
  signal: 'SIGTERM',
  process,
  call,
  placement: 'before',
});
const fault = (process: string, call: number): CallFault => ({ process, call, effect: 'ENOSPC' });

/** Shrinks in the made-up world; `fails` knows the schedule too, as a program whose failure depends on anything would. */
async function shrink(
  schedule: Partial<Schedule>,
  fails: (schedule: Schedule, trace: Trace) => boolean,
  change: Partial<ShrinkOptions> = {},
) {
  const asked: Schedule[] = [];
  const schedules = new Map<Trace, Schedule>();
  const shrunk = await shrinkSchedule({
    schedule: createSchedule(schedule),
    optional: [],
    run: (each) => {
      asked.push(each);
      const trace = runWorld(WORLD, each);
      schedules.set(trace, each);
      return Promise.resolve(trace);
    },
    fails: (trace) => fails(schedules.get(trace)!, trace),
    maxRuns: 1000,
    maxMoves: 1000,
    ...change,
  });
  return { shrunk, asked };
}
const precedes = (trace: Trace, first: string, second: string): boolean => {
  const moves = listMoves(trace);
  return moves.includes(first) && moves.includes(second) && moves.indexOf(first) < moves.indexOf(second);
};

describe('shrinking a schedule', () => {
  test('goes on with what it has after two runs that met a limit: each takes seconds', async () => {
    const injections = [signal('client#1', 1), signal('client#2', 1), signal('client#3', 1), signal('server#1', 1)];
    const slow = (each: Schedule): Trace => ({ ...runWorld(WORLD, each), end: { cause: 'wall-limit', waits: [] } });
    let runs = 0;
    const shrunk = await shrinkSchedule({
      schedule: createSchedule({ injections }),
      optional: [],
      run: (each) => {
        runs++;
        return Promise.resolve(slow(each));
      },
      fails: () => true,
      maxRuns: 1000,
      maxMoves: 1000,
    });
    expect([runs, shrunk?.runs, shrunk?.isMinimal]).toEqual([2, 2, false]);
  });

  test.each([
    ['is left out where it is not needed', false],
    ['stays where it is', true],
  ])('who gets a signal, too, %s', async (_, isNeeded) => {
    const alone = signal('client#1', 1);
    const { shrunk } = await shrink(
      { injections: [{ ...alone, also: ['client#2'] }] },
      ({ injections }) => injections.length > 0 && (!isNeeded || injections[0]!.also !== undefined),
    );
    expect(shrunk?.schedule.injections).toEqual([isNeeded ? { ...alone, also: ['client#2'] } : alone]);
  });

  test('leaves only what the failure needs, at the earliest calls', async () => {
    const { shrunk, asked } = await shrink(
      {
        deviations: [move('server#1', 1, 'client#3'), move('client#3', 2, 'client#2'), move('client#2', 2, 'client#1')],
        injections: [signal('client#1', 2), signal('server#1', 2)],
        faults: [fault('client#2', 1)],
      },
      ({ injections }, trace) =>
        precedes(trace, 'client#2 msgget', 'server#1 msgget') &&
        injections.some(({ process }) => process === 'client#1'),
      { optional: ['client#1', 'client#2', 'client#3'] },
    );
    const schedule = createSchedule({
      deviations: [move('server#1', 1, 'client#2')],
      injections: [signal('client#1', 1)],
      absent: ['client#3'],
    });
    expect(shrunk).toEqual({ schedule, trace: runWorld(WORLD, schedule), runs: asked.length, isMinimal: true });
  });

  test('leaves the last started processes out first, and all that names them, their children and threads', async () => {
    const { asked } = await shrink(
      {
        deviations: [
          move('server#1', 1, 'client#1'),
          move('client#1', 2, 'client#2.1'),
          move('client#2.1', 3, 'server#1'),
          move('client#2+1', 1, 'client#2'),
        ],
        injections: [signal('client#2', 1), signal('client#3', 1)],
        faults: [fault('client#2', 2)],
      },
      ({ absent }) => absent.length === 0 || (absent.length === 1 && absent[0] === 'client#2'),
      { optional: ['client#2', 'client#3'], maxRuns: 4 },
    );
    const all = asked[0]!;
    expect(asked.slice(1)).toEqual([
      // What did not come about goes at once.
      { ...all, deviations: runWorld(WORLD, all).deviations },
      {
        ...all,
        deviations: runWorld(WORLD, all).deviations,
        injections: [signal('client#2', 1)],
        absent: ['client#3'],
      },
      {
        ...all,
        deviations: [move('server#1', 1, 'client#1')],
        injections: [signal('client#3', 1)],
        faults: [],
        absent: ['client#2'],
      },
    ]);
  });

  test('where one that is left out moved between two others, the one moves the other', async () => {
    const { shrunk } = await shrink(
      { deviations: [move('server#1', 1, 'client#3'), move('client#3', 2, 'client#1')] },
      (_, trace) => precedes(trace, 'client#1 msgget', 'server#1 msgget'),
      { optional: ['client#3'] },
    );
    expect(shrunk?.schedule).toEqual(
      createSchedule({ deviations: [move('server#1', 1, 'client#1')], absent: ['client#3'] }),
    );
  });

  test('drops what was asked for and never came about', async () => {
    const { shrunk, asked } = await shrink(
      {
        deviations: [move('client#1', 9, 'client#2'), move('server#1', 1, 'client#1'), move('server#1', 7, 'client#2')],
        injections: [signal('client#1', 8), signal('client#1', 1)],
        faults: [fault('client#2', 7)],
      },
      ({ injections }, trace) => trace.deviations.length === 1 && injections.some(({ call }) => call === 1),
    );
    const schedule = createSchedule({
      deviations: [move('server#1', 1, 'client#1')],
      injections: [signal('client#1', 1)],
    });
    expect(asked[1]).toEqual(schedule);
    expect(shrunk).toEqual({ schedule, trace: runWorld(WORLD, schedule), runs: 4, isMinimal: true });
  });

  test('keeps what did not come about, if the failure is gone without it', async () => {
    const injections = [signal('client#1', 9), signal('client#1', 1)];
    const { shrunk } = await shrink({ injections }, (schedule) => schedule.injections.some(({ call }) => call === 9));
    const schedule = createSchedule({ injections: [signal('client#1', 9)] });
    expect(shrunk).toEqual({ schedule, trace: runWorld(WORLD, schedule), runs: 11, isMinimal: true });
  });

  test('needs one run more to see that the default order fails too', async () => {
    const { shrunk } = await shrink({ deviations: [move('server#1', 1, 'client#1')] }, () => true);
    const schedule = createSchedule();
    expect(shrunk).toEqual({ schedule, trace: runWorld(WORLD, schedule), runs: 2, isMinimal: true });
  });

  test('replays in the default order what was found in another', async () => {
    const { shrunk, asked } = await shrink({ strategy: { kind: 'random', seed: 1 } }, () => true);
    expect(asked).toEqual([createSchedule()]);
    expect(shrunk?.schedule).toEqual(createSchedule());
  });

  test('answers nothing, if the schedule does not fail when it is run first', async () => {
    expect(await shrink({}, () => false)).toEqual({ shrunk: undefined, asked: [createSchedule()] });
  });
});

describe('the budget of shrinking', () => {
  const deviations = [
    move('server#1', 1, 'client#3'),
    move('client#3', 2, 'client#2'),
    move('client#2', 2, 'client#1'),
    move('client#1', 2, 'server#1'),
  ];
  const fails = (_: Schedule, trace: Trace): boolean => precedes(trace, 'client#1 msgget', 'server#1 msgget');

  test('ends it, with the best so far, which fails', async () => {
    const { shrunk: whole } = await shrink({ deviations }, fails);
    expect(whole?.isMinimal).toBe(true);
    for (let maxRuns = 0; maxRuns <= whole!.runs; maxRuns++) {
      const { shrunk, asked } = await shrink({ deviations }, fails, { maxRuns });
      expect(asked).toHaveLength(maxRuns);
      if (maxRuns === 0) expect(shrunk).toBeUndefined();
      else {
        expect(shrunk).toMatchObject({ runs: maxRuns, isMinimal: maxRuns === whole!.runs });
        expect(fails(shrunk!.schedule, shrunk!.trace)).toBe(true);
        expect(shrunk!.trace).toEqual(runWorld(WORLD, shrunk!.schedule));
      }
    }
  });

  test('is spent on earlier calls in part only', async () => {
    const injections = [signal('server#1', 3)];
    const isLate = (schedule: Schedule) => schedule.injections.some(({ call }) => call >= 2);
    for (const [maxMoves, call, isMinimal] of [
      [0, 3, false],
      [1, 3, false],
      [2, 2, true],
    ] as const) {
      const { shrunk, asked } = await shrink({ injections }, isLate, { maxMoves });
      expect(shrunk).toMatchObject({ schedule: { injections: [signal('server#1', call)] }, isMinimal });
      expect(asked).toHaveLength(2 + maxMoves); // itself, without the signal
    }
  });

  test('is over when it is interrupted, even if that broke the run', async () => {
    const abort = new AbortController();
    let runs = 0;
    const run = (schedule: Schedule): Promise<Trace> => {
      if (++runs < 3) return Promise.resolve(runWorld(WORLD, schedule));
      setImmediate(() => abort.abort());
      return Promise.reject(new Fault('engine-died', ''));
    };
    const fail = (trace: Trace): boolean => trace.deviations.length === 4;
    const { shrunk } = await shrink({ deviations }, () => true, { run, fails: fail, abort: abort.signal });
    const schedule = createSchedule({ deviations });
    expect(shrunk).toEqual({ schedule, trace: runWorld(WORLD, schedule), runs: 3, isMinimal: false });
  });

  test('a fault is thrown on', async () => {
    const run = (): Promise<Trace> => Promise.reject(new Fault('run', 'broken'));
    await expect(shrink({}, () => true, { run })).rejects.toThrow('broken');
  });
});

test('whatever fails, the same runs give the same schedule; it fails, and would not with one thing less', async () => {
  const names = Object.keys(WORLD);
  const process = fc.constantFrom(...names);
  const call = fc.integer({ min: 1, max: 3 });
  const changes = fc.record({
    deviations: fc.array(fc.record({ at: process, call, to: process }), { maxLength: 6 }),
    injections: fc.array(
      fc.tuple(process, call).map(([name, at]) => signal(name, at)),
      { maxLength: 3 },
    ),
    faults: fc.array(
      fc.tuple(process, call).map(([name, at]) => fault(name, at)),
      { maxLength: 2 },
    ),
  });
  const countAll = ({ deviations, injections, faults }: Schedule): number =>
    deviations.length + injections.length + faults.length;
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(), async (parts, salt) => {
      const whole = JSON.stringify(createSchedule(parts));
      // Fails as a whole, and for about half of all schedules, whether they are parts of one that does or not.
      const fails = (schedule: Schedule): boolean => {
        const text = JSON.stringify(schedule);
        return (
          text === whole ||
          Array.from(text).reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)!) % 65_521, salt) % 2 === 0
        );
      };
      const [first, again] = [await shrink(parts, fails), await shrink(parts, fails)];
      expect(again).toEqual(first);
      const { schedule, trace, isMinimal } = first.shrunk!;
      expect([fails(schedule), isMinimal]).toEqual([true, true]);
      expect(trace).toEqual(runWorld(WORLD, schedule));
      const { deviations, injections, faults } = schedule;
      const less = [
        ...deviations.map((_, index) => ({ ...schedule, deviations: deviations.toSpliced(index, 1) })),
        ...injections.map((_, index) => ({ ...schedule, injections: injections.toSpliced(index, 1) })),
        ...faults.map((_, index) => ({ ...schedule, faults: faults.toSpliced(index, 1) })),
      ];
      expect(less).toHaveLength(countAll(schedule));
      expect(less.filter(fails)).toEqual([]);
    }),
  );
});
