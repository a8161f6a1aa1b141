// What a run of two TypeScript programs costs: through the engine, supervised, and with each program freshly started by node.
// Both sides begin from compiled text, make the run's folder, and wait for both programs to end.
//   node bench/run-cost.mjs [rounds, default 60]
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildSubmission,
  createEngine,
  DEFAULT_SCHEDULE,
  removeBuild,
  runScenario,
  scenarioSchema,
} from '@ipclab/harness';
import { build as bundle } from 'esbuild';
import { getMedian, judge, measure, print } from './compare.mjs';

const rounds = Number(process.argv[2] ?? 60);
const programs = fileURLToPath(new URL('programs', import.meta.url));
const roles = { server: { entry: 'server.ts' }, client: { entry: 'client.ts' } };

const build = await buildSubmission(programs, roles, { cacheFolder: null });
const engine = await createEngine(build);
const scenario = scenarioSchema.parse({
  title: 'Two programs',
  files: { key: '' },
  start: [{ role: 'server' }, { role: 'client' }],
});

const home = mkdtempSync(path.join(tmpdir(), 'run-cost-'));
chmodSync(home, 0o711);
const native = fileURLToPath(import.meta.resolve('@ipclab/native'));
await bundle({
  entryPoints: Object.values(roles).map(({ entry }) => path.join(programs, entry)),
  bundle: true,
  platform: 'node',
  format: 'esm',
  outdir: home,
  outExtension: { '.js': '.mjs' },
  alias: { '@ipclab/native': native },
  external: [native],
});
const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env;

async function timeEngine() {
  const began = performance.now();
  const { end, processes } = await runScenario(engine, build, 'two', scenario, DEFAULT_SCHEDULE);
  const took = performance.now() - began;
  if (end.cause !== 'completed' || processes.some(({ exit }) => exit?.code !== 0))
    throw new Error(`Expected both programs to succeed, got ${JSON.stringify(end)}`);
  return took;
}

const runFresh = (role, cwd) =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(home, `${role}.mjs`)], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.resume();
    child.on('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`Expected ${role} to succeed, got exit code ${code}`)),
    );
  });

async function timeFresh() {
  const began = performance.now();
  const folder = path.join(home, 'run');
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'key'), '');
  await Promise.all([runFresh('server', folder), runFresh('client', folder)]);
  rmSync(folder, { recursive: true });
  return performance.now() - began;
}

try {
  const figures = await measure(
    { 'engine, supervised': timeEngine, 'node, freshly started, not supervised': timeFresh },
    rounds,
  );
  print(figures, 'ms');
  const [engineMs, freshMs] = [...figures.values()].map(getMedian);
  judge('a supervised run against freshly started programs', engineMs / freshMs, 0.25);
} finally {
  await engine.close();
  removeBuild(build);
  rmSync(home, { recursive: true, force: true });
}
