// How the cost of a supervised run grows with its processes, and with its messages: a table, and a plot in docs/img/cost.svg.
//   node bench/cost-curve.mjs [rounds, default 9] [--write]
// Without --write the plot is left as it is.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createEngine, removeBuild } from '@ipclab/harness';
import { renderTable } from '../scripts/table.mjs';
import { getMedian, measure } from './compare.mjs';
import { renderPlot } from './plot.mjs';
import { buildPrograms, createScenario, runSupervised } from './request-reply.mjs';

const PLOT = fileURLToPath(new URL('../docs/img/cost.svg', import.meta.url));
const LANGUAGES = ['TypeScript', 'C'];
const FEW_REQUESTS = 5;
const FEW_CLIENTS = 2;
const CURVES = [
  {
    title: `Clients, ${FEW_REQUESTS} requests of each`,
    axis: 'clients',
    points: [2, 4, 6, 8, 10, 12],
    createScenario: (clients) => createScenario(clients, FEW_REQUESTS),
  },
  {
    title: `Requests of each of ${FEW_CLIENTS} clients`,
    axis: 'requests of each client',
    points: [1, 25, 50, 100, 150, 200],
    createScenario: (requests) => createScenario(FEW_CLIENTS, requests),
  },
];

const args = process.argv.slice(2);
const write = args.includes('--write');
const rounds = Number(args.find((arg) => !arg.startsWith('-')) ?? 9);
const builds = new Map();
const engines = new Map();
// IPC calls of a run at each point.
const calls = new Map();
let seed = 1;

const createSide = (language, scenario, name) => async () => {
  const began = performance.now();
  const { events } = await runSupervised(engines.get(language), builds.get(language), scenario, seed++);
  const took = performance.now() - began;
  calls.set(name, events.filter(({ kind }) => kind === 'call').length);
  return took;
};

/** What one more costs: the least squares line through the points. */
function getSlope(points) {
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, value]) => value))];
  return (
    points.reduce((sum, [at, value]) => sum + (at - x) * (value - y), 0) /
    points.reduce((sum, [at]) => sum + (at - x) ** 2, 0)
  );
}

try {
  for (const language of LANGUAGES) {
    builds.set(language, await buildPrograms(language));
    engines.set(language, await createEngine(builds.get(language)));
  }
  const panels = [];
  for (const curve of CURVES) {
    const nameOf = (language, point) => `${curve.axis} ${point} ${language}`;
    const sides = {};
    for (const point of curve.points) {
      const scenario = curve.createScenario(point);
      for (const language of LANGUAGES) {
        const name = nameOf(language, point);
        sides[name] = createSide(language, scenario, name);
      }
    }
    const figures = await measure(sides, rounds);
    const ms = (language, point) => getMedian(figures.get(nameOf(language, point)));
    const rows = curve.points.map((point) => [
      point,
      calls.get(nameOf('C', point)),
      ...LANGUAGES.map((language) => ms(language, point).toFixed(1)),
    ]);
    console.log(`${curve.title}: ms a run, median of ${rounds}\n`);
    console.log(renderTable([curve.axis, 'calls', ...LANGUAGES], rows));
    const series = LANGUAGES.map((name) => ({ name, points: curve.points.map((point) => [point, ms(name, point)]) }));
    const slopes = series.map(({ name, points }) => `${name} ${getSlope(points).toFixed(2)} ms`);
    console.log(`\none more: ${slopes.join(', ')}\n`);
    panels.push({ title: curve.title, x: curve.axis, y: 'ms a run', series });
  }
  if (write) {
    mkdirSync(path.dirname(PLOT), { recursive: true });
    writeFileSync(PLOT, renderPlot('What a supervised run costs', panels));
    console.log(`written: ${path.relative(process.cwd(), PLOT)}`);
  }
} finally {
  for (const engine of engines.values()) await engine.close();
  for (const build of builds.values()) removeBuild(build);
}
