// What one msgsnd or msgrcv costs a C program: under the supervisor, under strace with its fastest settings, and alone. The
// program itself takes the time, around its loop, so the start of neither tool counts.
//   node bench/call-cost.mjs [rounds, default 15]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import {
  buildSubmission,
  createEngine,
  DEFAULT_SCHEDULE,
  removeBuild,
  runScenario,
  scenarioSchema,
} from '@ipclab/harness';
import { getMedian, judge, measure, print } from './compare.mjs';

const rounds = Number(process.argv[2] ?? 15);
const LOOPS = '2000';
// Of what strace takes, as anybody runs it; and, harder, of what it takes where it has the luck to share a processor with
// its program: then it should not be cheaper than we are, though it neither decides nor models anything.
const TARGET = 0.6;
const TARGET_ON_ONE_PROCESSOR = 1;
const STRACE = ['strace', '-f', '--seccomp-bpf', '-e', 'trace=msgsnd,msgrcv', '-o', '/dev/null'];
// The engine keeps itself and its programs on one processor; this lets strace do the same.
const PINNED = ['taskset', '-c', '0'];

const build = await buildSubmission(
  fileURLToPath(new URL('programs', import.meta.url)),
  { calls: { command: './calls', build: 'cc -O2 -o calls calls.c' } },
  { cacheFolder: null },
);
const program = build.programs.calls?.path;
if (!program) throw new Error(`Expected the program to build, got ${JSON.stringify(build.diagnostics)}`);
const engine = await createEngine(build);
const scenario = scenarioSchema.parse({
  title: 'Calls',
  start: [{ role: 'calls', args: [LOOPS] }],
  limits: { steps: 100_000, wallMs: 60_000 },
});

let wholeRunNs = [];
async function timeSupervised() {
  const began = performance.now();
  const { events } = await runScenario(engine, build, 'calls', scenario, DEFAULT_SCHEDULE);
  wholeRunNs.push(((performance.now() - began) * 1e6) / (2 * LOOPS));
  return Number(events.find(({ kind }) => kind === 'output').text);
}

function timeCommand([file, ...args]) {
  const { status, stdout, stderr, error } = spawnSync(file, [...args, program, LOOPS], { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(
      `Expected ${file} to run (is it installed?), got ${error?.message ?? `exit code ${status}: ${stderr}`}`,
    );
  return Number(stdout);
}

try {
  const figures = await measure(
    {
      alone: () => timeCommand(['env']),
      'strace --seccomp-bpf, on one processor': () => timeCommand([...PINNED, ...STRACE]),
      supervised: timeSupervised,
      'strace --seccomp-bpf': () => timeCommand(STRACE),
    },
    rounds,
  );
  print(figures, 'ns', 0);
  const median = (name) => getMedian(figures.get(name));
  console.log(
    `supervised, with the start, the trace and the clean-up of the run: ${getMedian(wholeRunNs).toFixed(0)} ns a call`,
  );
  judge('a supervised call against one under strace', median('supervised') / median('strace --seccomp-bpf'), TARGET);
  judge(
    'the same, strace on one processor',
    median('supervised') / median('strace --seccomp-bpf, on one processor'),
    TARGET_ON_ONE_PROCESSOR,
  );
} finally {
  await engine.close();
  removeBuild(build);
}
