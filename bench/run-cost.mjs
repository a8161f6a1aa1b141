// What a run of two TypeScript programs costs: through the engine, supervised, and with each program freshly started by node.
// Both sides begin from compiled text, make the run's folder, and wait for both programs to end.
//   node bench/run-cost.mjs [rounds, default 60]
import { createEngine, removeBuild } from '@ipclab/harness';
import { getMedian, judge, measure, print } from './compare.mjs';
import { buildPrograms, createFresh, createScenario, runSupervised } from './request-reply.mjs';

const rounds = Number(process.argv[2] ?? 60);
const scenario = createScenario(1, 5);
const build = await buildPrograms('TypeScript');
const engine = await createEngine(build);
const fresh = await createFresh('TypeScript', build);

async function time(run) {
  const began = performance.now();
  await run();
  return performance.now() - began;
}

try {
  const figures = await measure(
    {
      'engine, supervised': () => time(() => runSupervised(engine, build, scenario, 1)),
      'node, freshly started, not supervised': () => time(() => fresh.run(scenario)),
    },
    rounds,
  );
  print(figures, 'ms');
  const [engineMs, freshMs] = [...figures.values()].map(getMedian);
  judge('a supervised run against freshly started programs', engineMs / freshMs, 0.25);
} finally {
  await engine.close();
  fresh.close();
  removeBuild(build);
}
