import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNamespaces } from '@ipclab/harness';
import type { Lab } from '../lab/load-lab.js';
import { readSessions, type Session } from './handout-session.js';
import type { Program } from './load-parts.js';

export interface HandoutOutcome {
  name: string;
  problems: string[];
  faults: string[];
}

const HANDOUT = 'README.md';
// A folder as `ipclab init` makes it, or somebody at the keys.
const NEEDS_MORE = /^npm\b|^npx (?!ipclab run\b)|^ipclab (?!run\b)/;
const SESSION_MS = 300_000;
const SHELL = fileURLToPath(new URL('../../dist/lab-check/handout-shell.js', import.meta.url));
const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** The solutions with which a handout can be tried: those in TypeScript. */
const listSolutions = (lab: Lab, correct: readonly Program[]): Program[] =>
  correct.filter(
    ({ name, folder }) =>
      name.startsWith('solution') &&
      Object.values(lab.roles).every((role) => 'entry' in role && existsSync(path.join(folder, role.entry))),
  );

/**
 * Types the sessions of a lab's handout, with a solution in place of the skeleton, until one solution does all that is shown: what
 * a program says on stderr may be its own. Answers for the one that came nearest. What needs the student's folder (`npm test`
 * and commands that grade) is left out.
 */
export async function checkSessions(
  lab: Lab,
  correct: readonly Program[],
  { scratch, abort }: { scratch: string; abort?: AbortSignal },
): Promise<HandoutOutcome> {
  const nothing = { name: HANDOUT, problems: [], faults: [] };
  const handout = path.join(lab.folder, HANDOUT);
  if (!existsSync(handout)) return nothing;
  const sessions = readSessions(readFileSync(handout, 'utf8')).map((session) => ({
    ...session,
    commands: session.commands.filter(({ command }) => !NEEDS_MORE.test(command)),
  }));
  let best: HandoutOutcome | undefined;
  for (const solution of listSolutions(lab, correct)) {
    const outcome = await typeSessions(sessions, lab, solution, { scratch, ...(abort ? { abort } : {}) });
    if (abort?.aborted) break;
    if (outcome.faults.length > 0) return outcome;
    if (!best || outcome.problems.length < best.problems.length) best = outcome;
    if (best.problems.length === 0) break;
  }
  return best ?? nothing;
}

/** In a folder and in namespaces of their own. */
async function typeSessions(
  sessions: readonly Session[],
  lab: Lab,
  solution: Program,
  { scratch, abort }: { scratch: string; abort?: AbortSignal },
): Promise<HandoutOutcome> {
  const base = path.join(scratch, `handout-${path.basename(solution.folder)}`);
  const folder = path.join(base, 'lab');
  const isOurs = (file: string): boolean =>
    !/^(?:\.staff|node_modules|dist)(?:\/|$)/.test(path.relative(lab.folder, file));
  cpSync(lab.folder, folder, { recursive: true, filter: isOurs });
  cpSync(solution.folder, folder, { recursive: true });
  const tools = path.join(base, 'bin');
  for (const name of ['bin', 'tmp']) mkdirSync(path.join(base, name));
  const command = `exec '${process.execPath}' '${CLI}' "$@"`;
  for (const [name, text] of [
    ['ipclab', command],
    ['npx', `shift\n${command}`],
  ] as const) {
    writeFileSync(path.join(tools, name), `#!/bin/sh\n${text}\n`);
    chmodSync(path.join(tools, name), 0o755);
  }
  const plan = path.join(base, 'sessions.json');
  writeFileSync(plan, JSON.stringify(sessions));
  const { exitCode, timedOut, stdout, stderr } = await runInNamespaces([process.execPath, SHELL, plan], {
    cwd: folder,
    timeoutMs: SESSION_MS,
    ...(abort ? { abort } : {}),
    env: {
      PATH: `${tools}:${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
      HOME: base,
      TMPDIR: path.join(base, 'tmp'),
    },
  });
  const outcome = { name: HANDOUT, problems: [], faults: [] };
  if (exitCode === 0) {
    const problems = JSON.parse(stdout) as string[];
    return { ...outcome, problems: problems.map((problem) => `${problem} (${solution.name})`) };
  }
  const why = timedOut ? `not done after ${SESSION_MS / 1000} s` : stderr.trim() || `exit code ${exitCode}`;
  return { ...outcome, faults: [`its examples could not be tried: ${why}`] };
}
