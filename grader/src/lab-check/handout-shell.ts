/**
 * The shell in which the sessions of a handout are run: `node handout-shell.js SESSIONS.json`, where it is alone in its PID namespace.
 * Answers on stdout what differs. Between two commands it waits, as who types does, until nothing runs any more.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { compareOutput, type Session, type ShownCommand, substitutePids } from './handout-session.js';

/** Of this IPC namespace. */
const QUEUE_BYTES = '/proc/sys/kernel/msgmnb';
const COMMAND_MS = 60_000;
const LOOKS = 5;
const LOOK_MS = 10;

const [file = ''] = process.argv.slice(2);
const sessions = JSON.parse(readFileSync(file, 'utf8')) as Session[];
const problems: string[] = [];

// Jobs as at a terminal: `kill %1` reaches all processes of one.
const shell = spawn('bash', ['--noprofile', '--norc'], { stdio: ['pipe', 'pipe', 'pipe'] });
let output = '';
for (const stream of [shell.stdout, shell.stderr])
  stream.setEncoding('utf8').on('data', (text: string) => (output += text));
shell.stdin.write('set -m\nexec 2>&1\nls() { command ls -C "$@"; }\n');

/** Carries out one command; false if the session cannot go on. */
async function show({ line, command, expected }: ShownCommand, pids: Map<string, string>): Promise<boolean> {
  const place = `README.md:${line}: ${command}`;
  const due = performance.now() + COMMAND_MS;
  output = '';
  // Programs read no commands of ours.
  shell.stdin.write(`eval ${quote(substitutePids(command, pids))} </dev/null; printf '\\0'\n`);
  while (!output.includes('\0') || !(await isQuiet())) {
    const isLate = performance.now() > due;
    if (isLate) problems.push(`${place}: it has not ended after ${COMMAND_MS / 1000} s`);
    else if (shell.exitCode !== null) problems.push(`${place}: the shell has ended`);
    if (isLate || shell.exitCode !== null) return false;
    await setTimeout(LOOK_MS);
  }
  const { missing, surplus } = compareOutput(expected, output.replaceAll('\0', ''), pids);
  for (const text of missing) problems.push(`${place}: expected the line "${text}"${gotOnly(surplus)}`);
  if (missing.length === 0)
    for (const text of surplus) problems.push(`${place}: got the line "${text}", which is not shown`);
  return true;
}

const gotOnly = (lines: readonly string[]): string =>
  lines.length === 0 ? ', it did not come' : `, got ${lines.map((text) => `"${text}"`).join(', ')}`;

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Do all sleep, but for us? A few times in a row: one may be about to wake another. */
async function isQuiet(): Promise<boolean> {
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await setTimeout(LOOK_MS);
    if (listStates().some((state) => state === 'R' || state === 'D')) return false;
  }
  return true;
}

function listStates(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((pid) => {
      try {
        return readdirSync(`/proc/${pid}/task`).map((thread) => {
          const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
          return stat[stat.lastIndexOf(')') + 2] ?? '';
        });
      } catch {
        return []; // it has ended meanwhile
      }
    });
}

async function main(): Promise<void> {
  const usual = Number(readFileSync(QUEUE_BYTES, 'utf8'));
  let now = usual;
  for (const { queueBytes = usual, commands } of sessions) {
    if (queueBytes !== now) writeFileSync(QUEUE_BYTES, String(queueBytes));
    now = queueBytes;
    const pids = new Map<string, string>();
    for (const shown of commands) if (!(await show(shown, pids))) return;
  }
}

await main();
process.stdout.write(JSON.stringify(problems), () => process.exit(0));
