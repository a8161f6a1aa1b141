import path from 'node:path';
import type { Trace } from '@ipclab/native/supervisor';
import type { RoleSource } from '../../src/build/build.js';
import { buildSubmission } from '../../src/build/build-submission.js';
import { createEngine } from '../../src/run/engine.js';
import { runScenario } from '../../src/run/run-scenario.js';
import { removeTemporaryRoot } from '../../src/sandbox/temporary.js';
import { scenarioSchema } from '../../src/scenario/scenario.js';
import { createSchedule } from '../../src/schedule/schedule.js';
import { compareTraces } from '../../src/trace/digest.js';

const FOLDER = path.resolve('harness/test/fixtures/places');
const SCENARIO = scenarioSchema.parse({ title: 'One program', start: [{ role: 'main' }] });

afterAll(removeTemporaryRoot);

/** The same run without and with places. */
async function runBoth(main: RoleSource, scenario = SCENARIO): Promise<[Trace, Trace]> {
  const build = await buildSubmission(FOLDER, { main }, { cacheFolder: null });
  expect(build.diagnostics).toEqual([]);
  const engine = await createEngine(build);
  try {
    const run = (places: boolean) => runScenario(engine, build, 'places', scenario, createSchedule({ places }));
    return [await run(false), await run(true)];
  } finally {
    await engine.close();
  }
}

const listPlaces = ({ events, processes }: Trace): string[] =>
  events.flatMap((event) =>
    event.kind === 'call' ? [`${processes[event.process]!.name} ${event.name} ${event.place ?? '-'}`] : [],
  );

test('a call of a TypeScript program is known by its line: in a helper, a child, a promise and a handler', async () => {
  const [without, placed] = await runBoth({ entry: 'src/main.ts' });
  expect(listPlaces(placed)).toEqual([
    'main#1 msgget src/main.ts:8:15',
    'main#1 fork src/main.ts:11:7',
    'main#1 msgsnd src/main.ts:15:18',
    'main#1.1 msgrcv src/take.ts:4:10',
    'main#1 msgsnd src/main.ts:16:31',
    'main#1 msgrcv src/main.ts:16:67',
    'main#1 wait src/main.ts:17:3',
    'main#1 sigaction src/main.ts:18:3',
    'main#1 kill src/main.ts:19:3',
    'main#1 msgctl src/main.ts:5:3',
  ]);
  expect(without.events.some((event) => 'place' in event)).toBe(false);
  expect(compareTraces(without, placed)).toBeUndefined();
});

test('so is a call on a file, also by a thread, as long as it is at work for one operation alone', async () => {
  const scenario = { ...SCENARIO, fileCalls: true };
  const [without, placed] = await runBoth({ entry: 'src/files.ts' }, scenario);
  expect(listPlaces(placed)).toEqual([
    'main#1 open src/files.ts:5:3',
    'main#1 write src/files.ts:5:3',
    'main#1 close src/files.ts:5:3',
    'main#1 rename src/files.ts:6:3',
    'main#1 open src/files.ts:7:3',
    'main#1 read src/files.ts:7:3',
    'main#1 read src/files.ts:7:3',
    'main#1 close src/files.ts:7:3',
    'main#1 rename src/files.ts:8:15',
    'main#1 open src/files.ts:9:15',
    'main#1 read src/files.ts:9:15',
    'main#1 close src/files.ts:9:15',
    'main#1 unlink -',
    'main#1 open src/files.ts:11:28',
    'main#1 write src/files.ts:12:14',
    'main#1 close src/files.ts:13:14',
  ]);
  expect(compareTraces(without, placed)).toBeUndefined();
});

const compile = (flags: string): RoleSource => ({ command: 'main', build: `cc ${flags} -o main main.c` });

test.each(['-g', '-g -O2 -fno-plt', '-g -no-pie'])(
  'a call of a C program is known by its line if it is compiled with %s',
  async (flags) => {
    const [without, placed] = await runBoth(compile(flags));
    expect(listPlaces(placed)).toEqual([
      'main#1 msgget main.c:12',
      'main#1 fork main.c:14',
      'main#1 msgsnd main.c:18',
      'main#1.1 msgrcv main.c:8',
      'main#1 wait main.c:19',
      'main#1 msgctl main.c:20',
    ]);
    expect(compareTraces(without, placed)).toBeUndefined();
  },
);

test.each(['-s', '-g -static'])('of a C program that is compiled with %s nothing is said of lines', async (flags) => {
  const [, placed] = await runBoth(compile(flags));
  expect(listPlaces(placed).map((text) => text.replace(/^.* /, ''))).toEqual(['-', '-', '-', '-', '-', '-']);
});
