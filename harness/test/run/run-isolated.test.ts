import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { runInNamespaces, runIsolated } from '../../src/run/run-isolated.js';

const MODULE = pathToFileURL('harness/dist/run/run-isolated.js').href;
const COUNT = 40;
const MANY = `for i in $(seq ${COUNT}); do setsid sleep 86398 & done; wait`;
const TIMES = 10;

const countSleepers = (): number =>
  readdirSync('/proc').filter((name) => {
    try {
      return readFileSync(`/proc/${name}/cmdline`, 'utf8') === 'sleep\x0086398\x00';
    } catch {
      return false; // it has ended meanwhile
    }
  }).length;

test.each([
  ['as the student', runIsolated],
  ['as root of the namespaces', runInNamespaces],
])('%s, once it is said to have been stopped, nothing of it is left', async (_name, run) => {
  for (let time = 0; time < TIMES; time++) {
    const abort = new AbortController();
    const running = run(['sh', '-c', MANY], { cwd: '/', timeoutMs: 60_000, abort: abort.signal });
    while (countSleepers() < COUNT) await setTimeout(5);
    abort.abort();
    expect(await running).toMatchObject({ exitCode: undefined, timedOut: false, stderr: '' });
    expect(countSleepers()).toBe(0);
  }
});

test('nothing is left once its time is up', async () => {
  for (let time = 0; time < TIMES; time++) {
    expect(await runIsolated(['sh', '-c', `echo begun >&2; ${MANY}`], { cwd: '/', timeoutMs: 200 })).toEqual({
      exitCode: undefined,
      timedOut: true,
      stdout: '',
      stderr: 'begun\n',
    });
    expect(countSleepers()).toBe(0);
  }
});

test('nothing is left of a grader that is killed', async () => {
  const program = `import { runIsolated } from ${JSON.stringify(MODULE)};
    await runIsolated(['sh', '-c', ${JSON.stringify(MANY)}], { cwd: '/', timeoutMs: 60_000 });`;
  for (let time = 0; time < TIMES; time++) {
    const grader = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: 'inherit' });
    while (countSleepers() < COUNT) await setTimeout(5);
    grader.kill('SIGKILL');
    while (countSleepers() > 0) await setTimeout(5);
  }
});

test('what was stopped before it began does not run on', async () => {
  const abort = AbortSignal.abort();
  expect(await runIsolated(['sh', '-c', MANY], { cwd: '/', timeoutMs: 60_000, abort })).toMatchObject({
    exitCode: undefined,
  });
  expect(countSleepers()).toBe(0);
});
