// A grader as it is often written by hand, for comparison: real processes without a supervisor, random sleeps, a time limit, and a look at
// `ipcs`, exit statuses and output. `runNaive` starts one of these a processor, each in namespaces of its own, which end with it.
//   (inside) node bench/naive-grader.mjs <job as JSON>; prints what it found as JSON
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { IPC_CREAT, IPC_RMID, msgctl, msgget, semctl, shmctl } from '@ipclab/native';
import { CHECKS } from './naive-checks/index.mjs';

const SELF = fileURLToPath(import.meta.url);
// As `ipclab run` starts programs; and without root's right to pass over permission bits.
const NODE = ['--single-threaded', '--v8-pool-size=0'];
const WITHOUT_RIGHTS = ['--bounding-set=-all', '--inh-caps=-all', '--'];
const NAMESPACES = ['--ipc', '--pid', '--fork', '--mount-proc', '--kill-child=KILL', '--'];
// So that a pid is not the type of some message: in a new namespace they begin at 1.
const FIRST_PID = 20_000;
const HANG_MS = 5000;
const WAIT_MS = 3000;
const POLL_MS = 5;
const SLEEPING_LOOKS = 4;
const SPINNING_MS = 300;
const MS_PER_TICK = 10;
const QUEUE_BYTES_FILE = '/proc/sys/kernel/msgmnb';

/**
 * Runs the lab's checks for `budgetMs` on all processors. `programs`: folder of the bundles. Answers the number of runs and of
 * those with a difference, and the first: { ms, what }. With `untilFirst` it ends at that one.
 */
export async function runNaive({ lab, programs, budgetMs, seed, untilFirst, abort }) {
  const children = Array.from({ length: availableParallelism() }, (_, index) =>
    // Other sleeps in each.
    startInside({ lab, programs, budgetMs, seed: seed * 100 + index, untilFirst }),
  );
  const stop = () => children.forEach(({ child }) => child.kill('SIGKILL'));
  abort?.addEventListener('abort', stop, { once: true });
  try {
    const first = untilFirst
      ? await Promise.race([...children.map(({ found }) => found), Promise.all(children.map(({ result }) => result))])
      : undefined;
    if (first && !Array.isArray(first)) return { runs: first.runs, differing: 1, first: first.first };
    const results = (await Promise.all(children.map(({ result }) => result))).filter(Boolean);
    const firsts = results.flatMap((result) => result.first ?? []).toSorted((a, b) => a.ms - b.ms);
    const sum = (field) => results.reduce((total, result) => total + result[field], 0);
    return { runs: sum('runs'), differing: sum('differing'), first: firsts[0] };
  } finally {
    abort?.removeEventListener('abort', stop);
    stop();
    await Promise.allSettled(children.map(({ result }) => result));
  }
}

function startInside(job) {
  const asRoot = process.geteuid() === 0 ? [] : ['--user', '--map-root-user'];
  const command = ['unshare', ...asRoot, ...NAMESPACES, process.execPath, SELF, JSON.stringify(job)];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (said += text));
  const result = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(said));
      else if (signal === 'SIGKILL') resolve(undefined);
      else reject(new Error(`Expected the naive grader to end with 0, got ${code ?? signal}`));
    });
  });
  const found = new Promise((resolve) => void result.then((got) => got?.first && resolve(got)));
  return { child, result, found };
}

/** One scenario: the programs that it starts, and the differences that it sees. */
class Stage {
  differences = [];
  programs = [];
  strangers = [];
  strangeProcesses = [];
  /** A scenario in which a correct program may take longer says so. */
  hangMs = HANG_MS;

  constructor(folder, bundles, draw, durations) {
    Object.assign(this, { folder, bundles, draw, durations });
  }

  /** The program runs with what `input` holds as its stdin. */
  start(role, args = [], input = '') {
    const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env;
    const bundle = path.join(this.bundles, `${role}.mjs`);
    const child = spawn('setpriv', [...WITHOUT_RIGHTS, process.execPath, ...NODE, bundle, ...args], {
      cwd: this.folder,
      env,
      stdio: 'pipe',
      // A process group of its own, with its children.
      detached: true,
    });
    // One that does not read it may be gone before.
    child.stdin.on('error', () => {}).end(input);
    const program = { stdout: '', stderr: '', leftAtExit: 0, isOver: false, kill: (signal) => child.kill(signal) };
    /** Their pids, the oldest first; with those that have ended and have not been waited for. */
    program.listChildren = () =>
      readText(`/proc/${child.pid}/task/${child.pid}/children`).split(' ').filter(Boolean).map(Number);
    program.waitForChild = async () => {
      for (;;) {
        const [pid] = program.listChildren();
        if (pid || program.isOver) return Number(pid);
        await wait(1);
      }
    };
    /** Until it has printed that, has ended, or the time is over. */
    program.says = (text) => this.waitUntil(() => program.stdout.includes(text) || program.isOver);
    /** Until it waits for something, as `ps` shows it; answers whether it does. */
    program.sleeps = async () => {
      let looks = 0;
      await this.waitUntil(() => {
        looks = isAsleep(child.pid) ? looks + 1 : 0;
        return looks === SLEEPING_LOOKS || program.isOver;
      });
      return looks === SLEEPING_LOOKS;
    };
    child.stdout.setEncoding('utf8').on('data', (text) => (program.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (program.stderr += text));
    child.on('exit', () => {
      program.isOver = true;
      program.leftAtExit = countGroup(child.pid);
    });
    // `close` comes when its children, too, have let go of the output.
    const closed = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
    const timer = setTimeout(() => {
      this.differences.push(`${role}: hangs`);
      killGroup(child.pid);
    }, this.hangMs);
    program.ended = closed.finally(() => clearTimeout(timer));
    program.pid = child.pid;
    this.programs.push(program);
    return program;
  }

  kill(pid, signal) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }

  /** For a random time up to so many ms. */
  sleep(ms) {
    return wait(this.draw() * ms);
  }

  usualMs(scenario) {
    return this.durations.get(scenario) ?? 100;
  }

  waitForQueue(maker) {
    return this.waitUntil(() => this.listQueues().length > 0 || maker.isOver);
  }

  /** Looks again and again; not for longer than three seconds. */
  async waitUntil(isSo) {
    const until = performance.now() + WAIT_MS;
    while (!isSo() && performance.now() < until) await wait(POLL_MS);
  }

  write(name, text) {
    const file = path.join(this.folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** '' where it is not there. */
  read(name) {
    return readText(path.join(this.folder, name));
  }

  list(folder = '.') {
    return readdirSync(path.join(this.folder, folder)).toSorted();
  }

  makeStrangersQueue(key) {
    this.strangers.push(msgget(key, IPC_CREAT | 0o600));
  }

  /** A process that the programs have nothing to do with. */
  startStranger() {
    const child = spawn('sleep', ['infinity'], { stdio: 'ignore' });
    const stranger = { pid: child.pid, isOver: false, kill: () => child.kill('SIGKILL') };
    child.on('exit', () => (stranger.isOver = true));
    this.strangeProcesses.push(stranger);
    return stranger;
  }

  /** Queues that are made from now on, until the scenario ends, have room for so many bytes. */
  limitQueues(bytes) {
    this.usualQueueBytes ??= readText(QUEUE_BYTES_FILE);
    writeFileSync(QUEUE_BYTES_FILE, String(bytes));
  }

  listQueues() {
    return listObjects('msg').filter((id) => !this.strangers.includes(id));
  }

  /** As `ipcrm` does. */
  removeQueues() {
    for (const id of this.listQueues()) removeQueue(id);
  }

  countMessages() {
    return readObjects('msg').reduce((sum, [, , , , count]) => sum + Number(count), 0);
  }

  expect(what, got, ...allowed) {
    if (!allowed.includes(got))
      this.differences.push(
        `${what}: ${JSON.stringify(got)}, not ${allowed.map((one) => JSON.stringify(one)).join(', ')}`,
      );
  }

  /** Who waits does not use the processor meanwhile, as `top` shows it; answers whether it is seen to sleep. */
  async expectToSleep(what, program) {
    const before = readProcessorMs(program.pid);
    const wasAsleep = await program.sleeps();
    // A slow machine alone does not make it use so much.
    if (!wasAsleep) this.expect(`${what}: spins`, readProcessorMs(program.pid) - before > SPINNING_MS, false);
    return wasAsleep;
  }

  async close() {
    await Promise.all(this.programs.map(({ ended }) => ended));
    for (const { pid } of this.programs) killGroup(pid);
    for (const stranger of this.strangeProcesses) stranger.kill();
    const left = this.listQueues();
    if (left.length > 0) this.differences.push(`${left.length} queue left`);
    for (const id of [...left, ...this.strangers]) removeQueue(id);
    if (this.usualQueueBytes) writeFileSync(QUEUE_BYTES_FILE, this.usualQueueBytes);
    const segments = listObjects('shm');
    if (segments.length > 0) this.differences.push(`${segments.length} segment left`);
    for (const id of segments) shmctl(id, IPC_RMID);
    const semaphores = listObjects('sem');
    if (semaphores.length > 0) this.differences.push(`${semaphores.length} semaphore set left`);
    for (const id of semaphores) semctl(id, 0, IPC_RMID);
  }
}

/** As `ipcs` reads them: key, id and so on of each. */
function readObjects(kind) {
  return readText(`/proc/sysvipc/${kind}`)
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => line.trim().split(/\s+/));
}

const listObjects = (kind) => readObjects(kind).map(([, id]) => Number(id));

function removeQueue(id) {
  try {
    msgctl(id, IPC_RMID);
  } catch {
    // It was removed meanwhile.
  }
}

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** As `pgrep -g`: processes of the group that have not ended. */
function countGroup(group) {
  const stats = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => readText(`/proc/${pid}/stat`));
  return stats.filter((stat) => {
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(pgrp) === group && state !== 'Z';
  }).length;
}

/** All its threads wait; one that only has to wait for a processor does not. */
function isAsleep(pid) {
  const threads = listThreads(pid).map((thread) => readText(`/proc/${pid}/task/${thread}/stat`));
  return threads.length > 0 && threads.every((stat) => stat.slice(stat.lastIndexOf(')') + 2).startsWith('S'));
}

function readProcessorMs(pid) {
  const stat = readText(`/proc/${pid}/stat`);
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * MS_PER_TICK;
}

function listThreads(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function killGroup(group) {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
}

/** mulberry32: numbers from 0 to 1, the same for the same seed. */
function createDraw(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

async function grade({ lab, programs, budgetMs, seed, untilFirst }) {
  writeFileSync('/proc/sys/kernel/ns_last_pid', String(FIRST_PID));
  const draw = createDraw(seed);
  const durations = new Map();
  const began = performance.now();
  const result = { runs: 0, differing: 0, first: undefined };
  const scenarios = Object.entries(CHECKS[lab]);
  while (performance.now() - began < budgetMs) {
    const [name, play] = scenarios[result.runs % scenarios.length];
    const folder = path.join(programs, `run-${seed}-${result.runs}`);
    mkdirSync(folder);
    const stage = new Stage(folder, programs, draw, durations);
    const started = performance.now();
    await play(stage);
    await stage.close();
    durations.set(name, performance.now() - started);
    rmSync(folder, { recursive: true });
    result.runs++;
    if (stage.differences.length === 0) continue;
    result.differing++;
    result.first ??= { ms: performance.now() - began, what: `${name}: ${stage.differences[0]}` };
    if (untilFirst) break;
  }
  process.stdout.write(JSON.stringify(result));
}

if (process.argv[1] === SELF) await grade(JSON.parse(process.argv[2]));
