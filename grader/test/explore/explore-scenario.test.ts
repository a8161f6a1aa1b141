import { createSchedule, Fault, parseToken, type Schedule, scenarioSchema, scheduleOfToken } from '@ipclab/harness';
import type { Trace } from '@ipclab/native/supervisor';
import { exploreScenario, type ExploreOptions } from '../../src/explore/explore-scenario.js';
import { createTrace } from './fake-trace.js';

type Finding = { code: string; events: number[] };

const CALLS = { 'server#1': ['msgget', 'msgrcv', 'msgctl'] as const, 'client#1': ['msgget', 'msgsnd'] as const };
const scenarioOf = (change: object) =>
  scenarioSchema.parse({
    title: 'A scenario',
    start: [{ role: 'server' }, { role: 'client' }],
    schedules: 30,
    ...change,
  });

/** A program of which `fails` says under which schedules it fails, and how. A drawn schedule is reported as two deviations. */
function explore(
  fails: (schedule: Schedule, trace: Trace) => string[],
  change: Partial<ExploreOptions<Finding>> & {
    trace?: Partial<Trace>;
    delay?: (index: number) => number;
    deviations?: number;
  } = {},
) {
  const schedules: Schedule[] = [];
  const codes = new Map<Trace, string[]>();
  const { trace: traceChange, delay, deviations: most = 2, ...rest } = change;
  const done = exploreScenario<Finding>({
    lab: '99-sample',
    name: 'order',
    scenario: scenarioOf({}),
    seed: 1,
    lines: ['removed', 'ends'],
    runOnce: async (schedule) => {
      const index = schedules.push(schedule) - 1;
      for (let turns = delay?.(index) ?? 0; turns > 0; turns--) await Promise.resolve();
      const { strategy } = schedule;
      const deviations =
        'seed' in strategy
          ? [
              { at: '', call: 0, to: 'client#1' },
              ...Array.from({ length: most - 1 }, (_, place) => ({
                at: 'client#1',
                call: strategy.seed + place,
                to: 'server#1',
              })),
            ]
          : schedule.deviations;
      const trace = createTrace({ 'server#1': [...CALLS['server#1']], 'client#1': [...CALLS['client#1']] }, schedule, {
        deviations,
        ...traceChange,
      });
      codes.set(trace, fails({ ...schedule, deviations }, trace));
      return trace;
    },
    check: (trace) =>
      codes
        .get(trace)!
        .map((code) => ({ line: code === 'deadlock' ? 'ends' : 'removed', finding: { code, events: [1] } })),
    listTested: () => [],
    ...rest,
  });
  return done.then((exploration) => ({ exploration, schedules }));
}
const isDeviating = ({ deviations }: Schedule): boolean => deviations.length > 0;

describe('exploring a scenario', () => {
  test('runs the default order first, then what the strategies draw, each with a seed of its own', async () => {
    const { exploration, schedules } = await explore(() => []);
    expect(schedules[0]).toEqual(createSchedule({ recordPoints: true }));
    expect(schedules.slice(1, 9).map(({ strategy }) => ({ ...strategy, seed: undefined }))).toEqual([
      { kind: 'random' },
      { kind: 'pct', depth: 2, choices: 5 },
      { kind: 'random' },
      { kind: 'pos' },
      { kind: 'random' },
      { kind: 'pct', depth: 3, choices: 5 },
      { kind: 'pct', depth: 2, choices: 5 },
      { kind: 'random' },
    ]);
    expect(new Set(schedules.map(({ strategy }) => JSON.stringify(strategy))).size).toBe(30);
    expect(exploration).toEqual({
      scenario: 'order',
      runs: 30,
      budget: 30,
      groups: [{ runs: 30, simplest: expect.objectContaining({ index: 0, token: 'order' }) }],
      tested: [],
      failures: [],
      doubts: [],
      explored: {
        strategies: [
          { name: 'bounded', runs: 1 },
          { name: 'random', runs: 15 },
          { name: 'pct(2)', runs: 7 },
          { name: 'pos', runs: 4 },
          { name: 'pct(3)', runs: 3 },
        ],
        distinct: 30,
        processes: 2,
        choices: 5,
        preemptions: -1,
        isComplete: false,
      },
      interrupted: false,
    });
  });

  test('draws the same whatever number of runs are made at the same time, and takes them in the order of the draw', async () => {
    const slow = await explore(() => []);
    const seen: number[] = [];
    const fast = await explore(() => [], {
      delay: (index) => (index % 3 === 0 ? 3 : 0),
      onRun: ({ index }) => void seen.push(index),
    });
    expect(fast.schedules).toEqual(slow.schedules);
    expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  test('begins no round of runs after its time, and says so', async () => {
    let asked = 0;
    const { exploration } = await explore(() => [], { isTimeUp: () => ++asked === 3 });
    expect([exploration.runs, exploration.outOfTime]).toEqual([3, true]);
  });

  test('draws the same schedules for the same lab, scenario and seed, and others for others', async () => {
    const first = await explore(() => []);
    expect((await explore(() => [])).schedules).toEqual(first.schedules);
    for (const change of [{ seed: 2 }, { lab: '98-other' }, { name: 'signals' }])
      expect((await explore(() => [], change)).schedules).not.toEqual(first.schedules);
  });

  test('is over after one run, if that had nothing to choose', async () => {
    expect((await explore(() => [], { trace: { choices: 0, points: [] } })).exploration.runs).toBe(1);
  });

  test('is over after a run in the default order that took all its time', async () => {
    const { exploration } = await explore(() => ['deadlock'], { trace: { end: { cause: 'cpu-limit', waits: [] } } });
    expect(exploration.runs).toBe(1);
  });

  test('is over as soon as every line has failed', async () => {
    expect((await explore((schedule) => (isDeviating(schedule) ? ['deadlock', 'left'] : []))).exploration.runs).toBe(2);
    expect((await explore((schedule) => (isDeviating(schedule) ? ['deadlock'] : []))).exploration.runs).toBe(30);
  });

  test('where others must move often, the token names the strategy in their place, if nothing shorter does it', async () => {
    const failsFrom = async (count: number) => {
      const { exploration, schedules } = await explore(
        ({ deviations }) => (deviations.length >= count ? ['left', 'deadlock'] : []),
        { deviations: 40 },
      );
      return { token: exploration.failures[0]!.token, last: schedules.at(-1)! };
    };
    const { token, last } = await failsFrom(35);
    expect(token).toMatch(/^order~random=\d+~~removed$/);
    // That is what was repeated.
    expect(last).toEqual(scheduleOfToken(parseToken(token)));
    expect((await failsFrom(3)).token).toMatch(/^order~(?:[^,=]+,){2}[^,=]+~~removed$/);
  });

  test('ends with what it knows when it is interrupted', async () => {
    const abort = new AbortController();
    const { exploration } = await explore((schedule) => (isDeviating(schedule) ? ['left'] : []), {
      abort: abort.signal,
      onRun: ({ index }) => index === 3 && abort.abort(),
    });
    expect([exploration.runs, exploration.interrupted, exploration.failures]).toEqual([7, true, []]); // the round is taken to its end
    expect(exploration.doubts).toEqual([
      {
        line: 'removed',
        token: expect.any(String),
        reason: 'A run failed, but the grading ended before it was repeated.',
      },
    ]);
  });
});

describe('a failing run', () => {
  test('is repeated twice from its token before it is told, and explained by further runs once somebody asks', async () => {
    const { exploration, schedules } = await explore((schedule) => (isDeviating(schedule) ? ['left'] : []));
    const [failure] = exploration.failures;
    expect(exploration.failures).toHaveLength(1);
    expect(failure).toMatchObject({ line: 'removed', finding: { code: 'left' }, run: { index: 1 } });
    expect(failure?.run.token).toBe('order~.0:client1~~removed');
    expect(schedules.slice(-2)).toEqual([failure?.run.schedule, failure?.run.schedule]);
    const before = schedules.length;
    expect(await Promise.all([failure?.explain?.(), failure?.explain?.()])).toEqual([
      { run: failure?.run },
      { run: failure?.run },
    ]);
    expect(schedules.slice(before)).toEqual([
      { ...failure?.run.schedule, recordPoints: true },
      { ...failure?.run.schedule, places: true },
    ]);
  });

  test('that needs nothing but the default order is not made simpler', async () => {
    const { exploration, schedules } = await explore(() => ['left']);
    expect(schedules.slice(exploration.runs)).toEqual([createSchedule({}), createSchedule({})]);
  });

  test('is repeated twice, and no more, where nobody asks for an explanation', async () => {
    const { exploration, schedules } = await explore((schedule) => (isDeviating(schedule) ? ['left'] : []), {
      explains: false,
    });
    const [failure] = exploration.failures;
    expect(failure).toMatchObject({ line: 'removed', finding: { code: 'left' }, run: { index: 1 } });
    expect(failure).not.toHaveProperty('explain');
    expect(schedules.slice(exploration.runs)).toEqual([failure?.run.schedule, failure?.run.schedule]);
  });

  describe('that is long', () => {
    const { events } = createTrace({ 'server#1': Array.from({ length: 12_000 }, () => 'msgrcv') }, createSchedule({}));
    const countFurther = ({ exploration, schedules }: Awaited<ReturnType<typeof explore>>) =>
      schedules.length - exploration.runs;

    test('is made shorter, but what is left does not come earlier', async () => {
      const deviates = ({ deviations: [, second] }: Schedule) => (second && second.call > 4 ? ['left'] : []);
      const [short, long] = [await explore(deviates), await explore(deviates, { trace: { events } })];
      expect([countFurther(short), countFurther(long)]).toEqual([10 + 2, 5 + 2]); // the last two repeat it
    });

    test('is not made shorter by many runs if it went on to a limit', async () => {
      const schedules: Schedule[] = [];
      const { exploration } = await explore(() => [], {
        runOnce: (schedule) => {
          schedules.push(schedule);
          const drawn = Array.from({ length: 12 }, (_, call) => ({ at: 'client#1', call, to: 'server#1' }));
          const deviations = 'seed' in schedule.strategy ? drawn : schedule.deviations;
          const cause = deviations.length === 12 ? 'step-limit' : 'completed';
          return Promise.resolve(
            createTrace({ 'server#1': [] }, schedule, { deviations, events, end: { cause, waits: [] } }),
          );
        },
        check: ({ end }) =>
          end.cause === 'step-limit' ? [{ line: 'ends', finding: { code: 'step-limit', events: [1] } }] : [],
      });
      expect(exploration.failures).toHaveLength(1);
      expect(schedules.length - exploration.runs).toBe(1 + 2);
    });

    test('is explained by few runs', async () => {
      const point = {
        seq: 0,
        at: '',
        call: 0,
        usual: 'server#1',
        to: 'server#1',
        able: ['server#1', 'client#1'],
        preempts: false,
      };
      const points = Array.from({ length: 20 }, () => point);
      const fails = (schedule: Schedule) => (isDeviating(schedule) ? ['left'] : []);
      const counts: number[] = [];
      const traces: Partial<Trace>[] = [{ points }, { points, events }];
      for (const trace of traces) {
        const explored = await explore(fails, { trace });
        const before = countFurther(explored);
        await explored.exploration.failures[0]?.explain?.();
        counts.push(countFurther(explored) - before);
      }
      expect(counts).toEqual([16 + 1, 1 + 1]); // the last one for the lines of the source
    });
  });

  test('is the one with the fewest deviations of those that fail alike', async () => {
    const { exploration } = await explore(() => ['left']);
    expect(exploration.failures.map(({ run }) => run.token)).toEqual(['order~~~removed']);
  });

  test('that passes when it is repeated is inconclusive, with the first event that differs', async () => {
    let runs = 0;
    const { exploration } = await explore((schedule, trace) => {
      runs++;
      if (runs === 34) (trace.events[1] as { result: number }).result = 7;
      return isDeviating(schedule) && runs !== 34 ? ['left'] : [];
    });
    expect(exploration.failures).toEqual([]);
    expect(exploration.doubts).toEqual([
      {
        line: 'removed',
        token: expect.stringMatching(/^order~/),
        reason: 'A run failed, but the same schedule gave something else when it was repeated.',
        differs: { seq: 1, first: 'server#1: msgrcv() = 0', again: 'server#1: msgrcv() = 7' },
      },
    ]);
    expect(exploration.groups.map(({ reproduced }) => reproduced)).toEqual([undefined, false]);
  });

  test('is not looked for again when a simpler one failed in the same line', async () => {
    const { exploration } = await explore((schedule) => (isDeviating(schedule) ? ['twice'] : ['left']));
    expect(exploration.failures.map(({ finding }) => finding.code)).toEqual(['left']);
    expect(exploration.groups.map(({ runs }) => runs)).toEqual([29, 1]);
  });
});

describe('a signal of the scenario', () => {
  const signals = [{ signal: 'SIGTERM', process: 'server#1' }];
  // Before, at entry and after each call; blocked only in one that can block.
  const PLACES = 3 * 3 + 1;

  const everywhere = [1, 2, 3].flatMap((call) =>
    ['after', 'before', ...(call === 2 ? ['blocked'] : []), 'entry'].map((at) => `server#1 ${call} ${at}`),
  );
  const placesOf = (schedules: Schedule[]): string[] =>
    schedules
      .flatMap(({ injections }) => injections)
      .map(({ process, call, placement }) => `${process} ${call} ${placement}`)
      .toSorted();

  test('lands once in each run but the first, everywhere before anywhere again', async () => {
    const { exploration, schedules } = await explore(() => [], {
      scenario: scenarioOf({ signals, schedules: PLACES + 1 }),
    });
    expect(schedules[0]?.injections).toEqual([]);
    expect(placesOf(schedules)).toEqual(everywhere);
    expect(exploration.placements).toMatchObject({ known: PLACES, tried: PLACES, landed: PLACES });
  });

  test('lands everywhere once in the default order and once in a random one, when there are runs enough', async () => {
    const { schedules } = await explore(() => [], { scenario: scenarioOf({ signals, schedules: 2 * PLACES + 11 }) });
    const where = (wanted: boolean) => schedules.filter(({ strategy }) => (strategy.kind === 'default') === wanted);
    expect(placesOf(where(true))).toEqual(everywhere);
    expect([...new Set(placesOf(where(false)))]).toEqual(everywhere);
  });

  test('that kills does not come on entering a call: that is the same as before it', async () => {
    const { schedules } = await explore(() => [], {
      scenario: scenarioOf({ signals: [{ signal: 'SIGKILL', process: 'server#1' }], schedules: 8 }),
    });
    expect(placesOf(schedules)).toEqual(everywhere.filter((place) => !place.endsWith('entry')));
  });

  test('is part of the token', async () => {
    const { exploration } = await explore(
      ({ injections: [injection] }) => (injection?.placement === 'blocked' ? ['left'] : []),
      { scenario: scenarioOf({ signals }) },
    );
    expect(exploration.failures[0]?.run.token).toBe('order~~TERM@server1.1k~removed');
  });

  test('says to whom else it comes, in the token and in the matrix', async () => {
    const { exploration } = await explore(
      ({ injections: [injection] }) => (injection?.also && injection.placement === 'blocked' ? ['left'] : []),
      { scenario: scenarioOf({ signals: [{ signal: 'SIGTERM', process: 'server#1', also: ['client#1'] }] }) },
    );
    expect(exploration.failures[0]?.run.token).toBe('order~~TERM+client1@server1.1k~removed');
    expect(new Set(exploration.placements?.matrix.map(({ what }) => what))).toEqual(new Set(['SIGTERM +client#1']));
  });

  test('is not sent to a process that no run has shown', async () => {
    const { schedules } = await explore(() => [], {
      scenario: scenarioOf({ signals: [{ signal: 'SIGTERM', process: 'server#1.1' }] }),
    });
    expect(schedules.flatMap(({ injections }) => injections)).toEqual([]);
  });
});

describe('a fault', () => {
  test('ends the exploration, and what failed before it stays failed', async () => {
    let runs = 0;
    const { exploration } = await explore((schedule) => {
      if (++runs === 3) throw new Fault('run', 'broken');
      return isDeviating(schedule) ? ['left'] : [];
    });
    expect(exploration.runs).toBe(2);
    expect(exploration.fault?.error.message).toContain('broken');
    expect(exploration.failures.map(({ line }) => line)).toEqual(['removed']);
  });

  test('that comes because everything was told to end is none', async () => {
    const abort = new AbortController();
    const { exploration } = await explore(
      () => {
        abort.abort();
        throw new Fault('engine-died', '');
      },
      { abort: abort.signal },
    );
    expect([exploration.fault, exploration.interrupted]).toEqual([undefined, true]);
  });
});
