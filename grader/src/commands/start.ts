import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import {
  buildSubmission,
  createTemporaryFolder,
  getProcessNames,
  removeBuild,
  removeTemporaryFolder,
  type Scenario,
} from '@ipclab/harness';
import type { Lab } from '../lab/load-lab.js';
import { renderSuggestion } from '../lab/suggest.js';
import { showText } from '../model/text.js';
import { renderDiagnostics } from '../report/index.js';
import { bundleProgram, NODE_FLAGS } from './bundle-program.js';
import { openLab } from './open-lab.js';
import { UsageError } from './render-problem.js';
import { hasColor } from './style.js';

/** As long as somebody takes to type the next command. */
const NEXT_COMMAND_MS = 300;
const COLORS = [36, 33, 35, 32, 34, 31];

interface Started {
  name: string;
  child: ChildProcess;
  ended: Promise<void>;
}

/**
 * Runs the programs of a scenario without a supervisor, as a person would with a few terminals: one after the other, each line of output after the
 * name of who wrote it. Answers 0 if all ended with 0, else 1.
 */
export async function start(
  scenarioName: string | undefined,
  { submission, lab: labName }: { submission: string; lab?: string },
): Promise<number> {
  const lab = openLab(submission, labName);
  const names = Object.keys(lab.scenarios);
  const name = scenarioName ?? names[0]!;
  const scenario = lab.scenarios[name];
  if (!scenario)
    throw new UsageError(`Expected a scenario of lab ${lab.id}, got ${name}${renderSuggestion(name, names)}`);
  const folder = createTemporaryFolder('program');
  try {
    const commands = await createCommands(submission, lab, folder);
    if (!commands) return 1;
    process.stdout.write(`${name}: ${scenario.title}\n\n`);
    return await runAll(scenario, commands, path.join(folder, 'run'));
  } finally {
    removeTemporaryFolder(folder);
  }
}

type Commands = Map<string, [string, ...string[]]>;

/** What runs each role; undefined, and the errors told, if one did not build. */
async function createCommands(submission: string, lab: Lab, folder: string): Promise<Commands | undefined> {
  const commands: Commands = new Map();
  for (const [role, source] of Object.entries(lab.roles)) {
    if (!('entry' in source)) continue;
    const bundle = path.join(folder, `${role}.mjs`);
    if (!(await bundleProgram(path.join(submission, source.entry), bundle))) return undefined;
    commands.set(role, [process.execPath, ...NODE_FLAGS, bundle]);
  }
  const others = Object.entries(lab.roles).filter(([, source]) => !('entry' in source));
  if (others.length === 0) return commands;
  const build = await buildSubmission(submission, Object.fromEntries(others));
  process.on('exit', () => removeBuild(build));
  if (build.diagnostics.some(({ severity }) => severity === 'error')) {
    process.stdout.write(`${renderDiagnostics(build.diagnostics, { color: hasColor(process.stdout) })}\n`);
    return undefined;
  }
  for (const [role, program] of Object.entries(build.programs))
    if ('path' in program) commands.set(role, [program.path]);
  return commands;
}

async function runAll(scenario: Scenario, commands: Commands, folder: string): Promise<number> {
  for (const [file, text] of Object.entries(scenario.files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  mkdirSync(folder, { recursive: true });
  const names = getProcessNames(scenario.start);
  const width = Math.max(...names.map((each) => each.length));
  const queuesBefore = listQueues();
  // Ctrl-C reaches the programs too, which decide what it means.
  const leaveToThem = (): void => {};
  process.on('SIGINT', leaveToThem);
  const started: Started[] = [];
  let exitCode = 0;
  const entries = scenario.start.flatMap((entry) => Array.from({ length: entry.count }, () => entry));
  for (const [index, { role, args, stdin }] of entries.entries()) {
    if (index > 0) await wait(NEXT_COMMAND_MS);
    const [file, ...first] = commands.get(role)!;
    const pidOf = (text: string): string =>
      text.replace(/\{pid:([^}]*)\}/g, (_, of: string) => String(started.find((each) => each.name === of)?.child.pid));
    const { NODE_OPTIONS: _options, ...env } = process.env;
    const child = spawn(file, [...first, ...args.map(pidOf)], { cwd: folder, env, stdio: 'pipe' });
    child.stdin.on('error', () => {}).end(stdin);
    const say = createVoice(names[index]!.padEnd(width), index);
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on('line', say);
    const ended = new Promise<void>((resolve) => {
      child.on('error', (error) => say(`cannot be started: ${error.message}`));
      child.on('close', (code, signal) => {
        if (code !== 0) exitCode = 1;
        say(signal ? `[killed by ${signal}]` : `[exit status ${code}]`);
        resolve();
      });
    });
    started.push({ name: names[index]!, child, ended });
  }
  const stopped = new Set(scenario.stop.map(({ process: each }) => each));
  await Promise.all(started.filter((each) => !stopped.has(each.name)).map(({ ended }) => ended));
  for (const { process: each, signal } of scenario.stop) {
    const { child, ended } = started.find((one) => one.name === each)!;
    process.stdout.write(`\n$ kill -${signal.slice('SIG'.length)} ${each}\n`);
    child.kill(constants.signals[signal as NodeJS.Signals]);
    await ended;
  }
  process.off('SIGINT', leaveToThem);
  reportLeft(queuesBefore);
  return exitCode;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Prints lines of one process. */
function createVoice(label: string, index: number): (line: string) => void {
  const color = COLORS[index % COLORS.length]!;
  const head = hasColor(process.stdout) ? `\u001B[${color}m${label}\u001B[39m` : label;
  return (line) => void process.stdout.write(`${head} │ ${showText(line)}\n`);
}

/** Ids of the message queues of this machine (proc(5)). */
function listQueues(): Set<string> {
  const [, ...rows] = readFileSync('/proc/sysvipc/msg', 'utf8').trim().split('\n');
  return new Set(rows.map((row) => row.trim().split(/\s+/)[1]!));
}

function reportLeft(before: ReadonlySet<string>): void {
  const left = [...listQueues()].filter((id) => !before.has(id));
  if (left.length > 0)
    process.stdout.write(
      `\nLeft on this machine: ${left.map((id) => `queue ${id}`).join(', ')}. Remove with: ${left.map((id) => `ipcrm -q ${id}`).join('; ')}\n`,
    );
}
