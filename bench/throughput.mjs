// Schedules a second: how many runs the engines make of two TypeScript or two C programs, each under another random schedule, and
// how many come about by starting the programs afresh, unsupervised. One engine keeps to one processor; a fresh start uses
// all of them, so the fair opponent of two engines is fresh starts, two at a time.
//   node bench/throughput.mjs [rounds, default 5] [ms a side and round, default 1000]
import { createEngine, removeBuild } from '@ipclab/harness';
import { renderTable } from '../scripts/table.mjs';
import { getMedian, judgeAtLeast, measure } from './compare.mjs';
import { buildPrograms, createFresh, createScenario, runSupervised } from './request-reply.mjs';

const rounds = Number(process.argv[2] ?? 5);
const sliceMs = Number(process.argv[3] ?? 1000);
const one = createScenario(1, 5);
const builds = { TypeScript: await buildPrograms('TypeScript'), C: await buildPrograms('C') };
const engines = {};
const fresh = {};
let seed = 1;

/** Runs a second, when so many workers make one run after the other for the time of a slice. */
async function count(workers) {
  const began = performance.now();
  let runs = 0;
  await Promise.all(
    workers.map(async (run) => {
      while (performance.now() - began < sliceMs) {
        await run();
        runs++;
      }
    }),
  );
  return (runs * 1000) / (performance.now() - began);
}

const supervised = (language, size, scenario) => () =>
  count(
    engines[language]
      .slice(0, size)
      .map((engine) => async () => await runSupervised(engine, builds[language], scenario, seed++)),
  );
const afresh = (language, size) => () => count(Array.from({ length: size }, () => () => fresh[language].run(one)));

try {
  for (const [language, build] of Object.entries(builds)) {
    engines[language] = [];
    for (let i = 0; i < 2; i++) engines[language].push(await createEngine(build));
    fresh[language] = await createFresh(language, build);
  }
  const sides = {};
  for (const language of Object.keys(builds)) {
    sides[`${language}, started afresh, one run at a time`] = afresh(language, 1);
    sides[`${language}, started afresh, two at a time`] = afresh(language, 2);
    sides[`${language}, one engine`] = supervised(language, 1, one);
    sides[`${language}, two engines`] = supervised(language, 2, one);
    sides[`${language}, two clients, one engine`] = supervised(language, 1, createScenario(2, 5));
    sides[`${language}, eight clients, one engine`] = supervised(language, 1, createScenario(8, 5));
  }
  const figures = await measure(sides, rounds);
  const median = (name) => getMedian(figures.get(name));
  const rows = [...figures].map(([name, values]) => {
    const language = name.split(',')[0];
    const base = median(`${language}, started afresh, two at a time`);
    return [name, median(name).toFixed(1), Math.max(...values).toFixed(1), (median(name) / base).toFixed(2)];
  });
  console.log(
    `Runs a second, ${rounds} rounds of ${sliceMs} ms a side, in turn; one client of five requests if not said:\n`,
  );
  console.log(renderTable(['', 'median', 'best', 'to fresh starts, two at a time'], rows));
  console.log('');
  judgeAtLeast(
    'TypeScript, two engines against two fresh starts at a time',
    median('TypeScript, two engines') / median('TypeScript, started afresh, two at a time'),
    8,
  );
  judgeAtLeast('C, two engines, runs a second', median('C, two engines'), 300);
  for (const language of Object.keys(builds))
    judgeAtLeast(
      `${language}, two engines against one`,
      median(`${language}, two engines`) / median(`${language}, one engine`),
      1.7,
    );
} finally {
  for (const engine of Object.values(engines).flat()) await engine.close();
  for (const { close } of Object.values(fresh)) close();
  for (const build of Object.values(builds)) removeBuild(build);
}
