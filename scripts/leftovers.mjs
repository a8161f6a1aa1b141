// Is nothing left behind when the grader is ended at a random moment? Ends with 0 only if no process, System V object or folder is.
//   node scripts/leftovers.mjs [--times 20] [--seed 1]
// Even rounds: kill -9 of the grader alone, whose temporary folder may stay until the next start. Odd ones: Ctrl-C, which reaches its
// process group. Two of four rounds begin with an empty cache, so that the build's tools run too.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { getInterrupt } from 'ipclab';

const [LATEST_MS, LIMIT_MS, POLL_MS] = [3000, 10_000, 10];
const options = { times: { type: 'string', default: '20' }, seed: { type: 'string', default: '1' } };
const { times, seed } = parseArgs({ options }).values;
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(path.join(tmpdir(), 'ipclab-leftovers-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const listFolders = (owner) => readdirSync(tmpdir()).filter((name) => name.includes(`-${owner}-`));
const interrupt = getInterrupt();
let drawn = Number(seed);

const rounds = [];
while (rounds.length < Number(times) && !interrupt.signal.aborted) rounds.push(await runRound(rounds.length));
const { status } = spawnSync(process.execPath, getCommand('01-hello-queue'), { stdio: 'ignore' });
const left = rounds.flatMap((round) => round.left);
left.push(...rounds.flatMap(({ owner }) => listFolders(owner)).map((name) => `folder ${name}, after the next start`));
if (status !== 0) left.push(`Expected the next start to end with exit code 0, got ${status}`);
const count = (has) => rounds.filter(has).length;
console.log(
  `\n${rounds.length} rounds: ${count(({ atOnce }) => atOnce > 1)} while the grader had children, ${count(({ early }) => early)} too late; ` +
    `${count(({ folders }) => folders > 0)} left their folder to the next start\nleft behind: ${left.join('\n  ') || 'nothing'}`,
);
process.exitCode = interrupt.getExitCode() ?? (left.length === 0 && rounds.length > 0 ? 0 : 1);

async function runRound(index) {
  const signal = index % 2 === 0 ? 'SIGKILL' : 'SIGINT';
  const momentMs = Math.round(drawNumber() * LATEST_MS);
  const env = { ...process.env, ...(index % 4 >= 2 && { XDG_CACHE_HOME: path.join(scratch, `${index}`) }) };
  const before = listObjects();
  const kinds = new Map([...readProcesses().values()].map(({ key }) => [key, 'others']));
  const pids = new Map();
  const isOthers = (by) => by.length > 0 && by.every((pid) => pids.get(pid) === 'others');
  const getObjects = () => [...listObjects()].filter(([id, by]) => !before.has(id) && !isOthers(by));

  const child = spawn(process.execPath, getCommand('02-mtype-dispatch'), { detached: true, stdio: 'ignore', env });
  const owner = readProcesses().get(`${child.pid}`).key;
  kinds.set(owner, 'ours');
  const began = performance.now();
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  while (performance.now() - began < momentMs && !hasEnded() && !interrupt.signal.aborted) {
    listFamily(kinds, pids);
    await sleep(Math.max(0, Math.min(POLL_MS, momentMs - (performance.now() - began))));
  }
  const early = hasEnded();
  const atOnce = listFamily(kinds, pids).length;
  const target = Number(child.pid);
  if (!early) process.kill(signal === 'SIGINT' ? -target : target, signal);

  const ended = performance.now();
  const isOver = () => listFamily(kinds, pids).length + getObjects().length === 0 && hasEnded();
  while (!isOver() && performance.now() - ended < LIMIT_MS) await sleep(POLL_MS);
  const tookMs = Math.round(performance.now() - ended);
  const how = child.signalCode ?? `exit code ${child.exitCode}`;
  const [family, folders] = [listFamily(kinds, pids), listFolders(owner)];
  const found = [
    ...family.map(({ pid, name, key }) => `process ${pid} (${name}, ${kinds.get(key)})`),
    ...getObjects().map(([id]) => id),
    ...(signal === 'SIGINT' || early ? folders.map((name) => `folder ${name}`) : []),
    ...(early && how !== 'exit code 0' ? [`Expected a grader to end, got one that ended by itself with ${how}`] : []),
  ];
  // What is unknown may be somebody else's.
  for (const member of family) if (kinds.get(member.key) === 'ours') process.kill(Number(member.pid), 'SIGKILL');
  console.log(
    `${found.length === 0 ? '✓' : '✗'} ${index}: ${signal} after ${momentMs} ms to ${atOnce} processes: ${how}, ` +
      `gone after ${tookMs} ms, folders left ${folders.length} ${found.join(', ')}`,
  );
  return { owner, early, atOnce, folders: folders.length, left: found.map((what) => `round ${index}: ${what}`) };
}

function getCommand(lab) {
  const submission = path.join(root, 'fixtures/submissions', lab, 'pass-c-style');
  return [path.join(root, 'grader/bin/ipclab.js'), 'grade', submission, '--lab', path.join(root, 'labs', lab)];
}

// By pid, from proc_pid_stat(5); `key` is as in the name of a temporary folder (harness/src/sandbox/temporary.ts).
function readProcesses() {
  const processes = readdirSync('/proc').flatMap((entry) => {
    try {
      const [, pid, name, rest] = /^(\d+) \((.*)\) (.*)/s.exec(readFileSync(`/proc/${Number(entry)}/stat`, 'utf8'));
      const [state, parent, , session, ...more] = rest.split(' ');
      return [[pid, { pid, name, state, parent, session, key: `${pid}-${more[15]}` }]];
    } catch {
      return []; // No process, or ended since it was listed.
    }
  });
  return new Map(processes);
}

// What lives and is not known to be others'. A process is whose its parent is when first seen. For an orphan, whose parent is now an
// ancestor of ours, its session may tell: 0 is init's. Runs make sessions of their own, so otherwise it is 'unknown', and counted.
function listFamily(kinds, pids) {
  const processes = readProcesses();
  const ancestors = new Set(['0']);
  for (let pid = `${process.pid}`; pid; pid = processes.get(pid)?.parent) ancestors.add(pid);
  const classify = ({ pid, key, parent, session }) => {
    const elder = processes.get(ancestors.has(parent) ? session : parent);
    const kind = session === '0' ? 'others' : elder && elder.pid !== pid ? undefined : 'unknown';
    if (!kinds.has(key)) kinds.set(key, kind ?? classify(elder));
    return kinds.get(key);
  };
  for (const one of processes.values()) pids.set(one.pid, classify(one));
  return [...processes.values()].filter(({ pid, state }) => pids.get(pid) !== 'others' && state !== 'Z');
}

// The machine's System V objects, each with the pids that /proc/sysvipc names: the maker of a segment, the last users of a queue.
function listObjects() {
  const entries = Object.entries({ msg: [5, 6], shm: [4], sem: [] }).flatMap(([kind, columns]) => {
    const rows = readFileSync(`/proc/sysvipc/${kind}`, 'utf8').trim().split('\n').slice(1);
    const cells = rows.map((row) => row.trim().split(/\s+/));
    return cells.map((row) => [`${kind} ${row[1]}`, columns.map((at) => row[at]).filter((pid) => pid !== '0')]);
  });
  return new Map(entries);
}

// In [0, 1), the same for the same seed. Factors: Numerical Recipes, "an even quicker generator".
function drawNumber() {
  drawn = (Math.imul(drawn, 1664525) + 1013904223) >>> 0;
  return drawn / 2 ** 32;
}
