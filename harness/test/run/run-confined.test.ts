import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { runConfined, runInNamespaces } from '../../src/run/run-confined.js';
import { listProcesses } from '../list-processes.js';

const MODULE = pathToFileURL('harness/dist/run/run-confined.js').href;
const COUNT = 40;
const MANY = `for i in $(seq ${COUNT}); do setsid sleep 86398 & done; wait`;
const TIMES = 10;

const cwd = mkdtempSync(path.join(tmpdir(), 'run-confined-test-'));
chmodSync(cwd, 0o777);
afterAll(() => rmSync(cwd, { recursive: true }));
const options = { cwd, timeoutMs: 60_000 };

const countSleepers = (): number => listProcesses('sleep', '86398').length;

/** Resolves when all of them sleep; rejects if what starts them ends before. */
async function waitForSleepers(running: Promise<unknown>): Promise<void> {
  let ended: unknown;
  void running.then((result) => (ended = result));
  while (countSleepers() < COUNT) {
    if (ended) throw new Error(`Expected ${COUNT} sleepers, got an end: ${JSON.stringify(ended)}`);
    await setTimeout(5);
  }
}

test.each([
  ['as the student', runConfined],
  ['as root of the namespaces', runInNamespaces],
])('%s, once it is said to have been stopped, nothing of it is left', async (_name, run) => {
  for (let time = 0; time < TIMES; time++) {
    const abort = new AbortController();
    const running = run(['sh', '-c', MANY], { ...options, abort: abort.signal });
    await waitForSleepers(running);
    abort.abort();
    expect(await running).toMatchObject({ exitCode: undefined, timedOut: false, stderr: '' });
    expect(countSleepers()).toBe(0);
  }
});

test('nothing is left once its time is up', async () => {
  for (let time = 0; time < TIMES; time++) {
    expect(await runConfined(['sh', '-c', `echo begun >&2; ${MANY}`], { cwd, timeoutMs: 200 })).toEqual({
      exitCode: undefined,
      timedOut: true,
      stdout: '',
      stderr: 'begun\n',
    });
    expect(countSleepers()).toBe(0);
  }
});

test('nothing is left of a grader that is killed', async () => {
  const program = `import { runConfined } from ${JSON.stringify(MODULE)};
    await runConfined(['sh', '-c', ${JSON.stringify(MANY)}], ${JSON.stringify(options)});`;
  for (let time = 0; time < TIMES; time++) {
    const grader = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' });
    await waitForSleepers(new Promise((resolve) => grader.once('exit', resolve)));
    grader.kill('SIGKILL');
    while (countSleepers() > 0) await setTimeout(5);
  }
});

test('what was stopped before it began does not run on', async () => {
  expect(await runConfined(['sh', '-c', MANY], { ...options, abort: AbortSignal.abort() })).toMatchObject({
    exitCode: undefined,
  });
  expect(countSleepers()).toBe(0);
});

test('it has nothing but its folder', async () => {
  const tries = [
    `cat ${path.resolve('package.json')}`,
    'ls /home /root',
    `touch ${path.join(tmpdir(), 'left-behind')}`,
    'touch here',
    'cat /proc/net/dev | grep -c :',
    'id -u',
    'ls -d /proc/[0-9]* | wc -l',
  ];
  const script = tries.map((command) => `${command} 2>/dev/null || echo refused`).join('\n');
  const { stdout } = await runConfined(['sh', '-c', script], options);
  const [others, homes, temporary, network, user, processes] = stdout.split('\n');
  expect([others, homes, temporary, network, user]).toEqual(['refused', 'refused', 'refused', '1', '60999']);
  expect(Number(processes)).toBeLessThan(6);
  expect(readdirSync(cwd)).toEqual(['here']);
});

test('a bomb of forks is bounded, and others of that user are not', async () => {
  const abort = new AbortController();
  const bomb = runConfined(['sh', '-c', '(for i in $(seq 400); do sleep 86398 & done); exec sleep 86398'], {
    ...options,
    abort: abort.signal,
  });
  await waitForSleepers(bomb);
  const many = ['sh', '-c', 'for i in $(seq 100); do sleep 0.1 & done; wait'];
  expect(await runConfined(many, options)).toMatchObject({ exitCode: 0, stderr: '' });
  const count = countSleepers();
  abort.abort();
  expect((await bomb).stderr).toMatch(/[Cc]annot fork/);
  expect(count).toBeGreaterThan(COUNT);
  expect(count).toBeLessThan(128);
  expect(countSleepers()).toBe(0);
});
