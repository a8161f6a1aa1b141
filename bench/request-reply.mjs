// The programs that most scripts here run: a server, and clients that wait for the reply to each of their requests; in TypeScript
// and in C, through an engine or freshly started and unsupervised.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSubmission, createSchedule, runScenario, scenarioSchema } from '@ipclab/harness';
import { bundleForNode } from './bundle-for-node.mjs';

export const PROGRAMS = fileURLToPath(new URL('programs', import.meta.url));

const SOURCES = {
  TypeScript: { server: { entry: 'server.ts' }, client: { entry: 'client.ts' } },
  C: {
    server: { command: './server', build: 'cc -O2 -o server server.c' },
    client: { command: './client', build: 'cc -O2 -o client client.c' },
  },
};

/** `language`: TypeScript, C. Never from a cache, which belongs to the user. */
export async function buildPrograms(language) {
  const build = await buildSubmission(PROGRAMS, SOURCES[language], { cacheFolder: null });
  if (Object.keys(build.programs).length < 2)
    throw new Error(`Expected the programs to build, got ${JSON.stringify(build.diagnostics)}`);
  return build;
}

export function createScenario(clients, requests) {
  return scenarioSchema.parse({
    title: `${clients} clients, ${requests} requests of each`,
    files: { key: '' },
    start: [
      { role: 'server', args: [`${clients}`, `${requests}`] },
      { role: 'client', args: [`${requests}`], count: clients },
    ],
    limits: { steps: 1_000_000, wallMs: 120_000, cpuMs: 60_000 },
  });
}

/** One run under a random schedule; answers its trace. Throws if the programs did not do their work. */
export async function runSupervised(engine, build, scenario, seed) {
  const schedule = createSchedule({ strategy: { kind: 'random', seed } });
  const trace = await runScenario(engine, build, 'bench', scenario, schedule);
  if (trace.end.cause !== 'completed' || trace.processes.some(({ exit }) => exit?.code !== 0))
    throw new Error(`Expected all programs to succeed, got ${JSON.stringify([trace.end, trace.processes])}`);
  return trace;
}

/** Runs that begin from the same compiled text as the engine's, each in a folder of its own; `close` removes what it made. */
export async function createFresh(language, build) {
  const home = mkdtempSync(path.join(tmpdir(), 'ipclab-bench-'));
  chmodSync(home, 0o711);
  const close = () => rmSync(home, { recursive: true, force: true });
  process.on('exit', close);
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env;
  if (language === 'TypeScript') {
    const entries = Object.entries(SOURCES.TypeScript).map(([role, { entry }]) => [role, path.join(PROGRAMS, entry)]);
    await bundleForNode(Object.fromEntries(entries), home);
  }
  const command = (role) =>
    language === 'TypeScript' ? [process.execPath, path.join(home, `${role}.mjs`)] : [build.programs[role].path];
  let runs = 0;

  const start = (role, args, cwd) =>
    new Promise((resolve, reject) => {
      const [file, ...before] = command(role);
      const child = spawn(file, [...before, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] });
      child.stdout.resume();
      child.on('error', reject);
      child.on('close', (code) =>
        code === 0 ? resolve() : reject(new Error(`Expected ${role} to succeed, got exit code ${code}`)),
      );
    });

  return {
    run: async ({ start: entries }) => {
      const folder = path.join(home, `run-${runs++}`);
      mkdirSync(folder);
      writeFileSync(path.join(folder, 'key'), '');
      const all = entries.flatMap((entry) => Array.from({ length: entry.count }, () => entry));
      await Promise.all(all.map(({ role, args }) => start(role, args, folder)));
      rmSync(folder, { recursive: true });
    },
    close,
  };
}
