import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resultSchema } from '../../src/score/result.js';
import { runCli, startCli } from './cli.js';

const LAB = 'labs/01-hello-queue';
const SOLUTION = `${LAB}/.staff/solution-c-style`;

describe('ipclab grade', () => {
  test('exits with 0 and prints the points of a submission that passes', () => {
    const { code, stdout, stderr } = runCli(['grade', SOLUTION, '--lab', '01-hello-queue', '--scenario', 'polite']);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^16 of 16 points/m);
  });

  test('exits with 1 for one that fails, and gives the command that shows the run again', () => {
    const { code, stdout } = runCli(['grade', LAB, '--lab', LAB, '--scenario', 'polite']);
    expect(code).toBe(1);
    expect(stdout).toContain(`npx ipclab replay polite~~~delivered ${LAB}`);
  });

  test('prints result.json with --json, the same for the same seed', () => {
    const args = ['grade', LAB, '--lab', LAB, '--scenario', 'signal-parent', '--seed', '7', '--json'];
    const [first, again] = [runCli(args), runCli(args)];
    const result = resultSchema.parse(JSON.parse(first.stdout));
    expect([result.verdict, result.seed]).toEqual(['fail', 7]);
    expect(again).toEqual(first);
  });

  test('writes no colours to a pipe, and does where it is told to', () => {
    const args = ['grade', LAB, '--lab', LAB, '--scenario', 'polite'];
    expect(runCli(args).stdout).not.toContain('\u001b[');
    expect(runCli(args, { env: { FORCE_COLOR: '1' } }).stdout).toContain('\u001b[');
    expect(runCli(args, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }).stdout).not.toContain('\u001b[');
  });

  test.each([
    [['grade', 'nowhere'], 'ipclab: Expected a folder at nowhere, found none.\n'],
    [
      ['grade', LAB, '--lab', LAB, '--scenario', 'polit'],
      'ipclab: Expected a scenario of lab 01-hello-queue, got polit; did you mean polite?\n',
    ],
    [['grade'], "error: missing required argument 'submission'\n(ipclab --help says more)\n"],
    [
      ['grade', LAB, '--lab', LAB, '--seed', 'x'],
      "error: option '--seed <n>' argument 'x' is invalid. Expected a whole number from 0 to 4294967295, got x.\n(ipclab --help says more)\n",
    ],
    [
      ['replay', 'polite~x', LAB],
      /^ipclab: Expected a process, such as server1, .* at column 8 of the token\n {2}polite~x\n {9}\^\n$/,
    ],
    [
      ['replay', 'polite~~~received', LAB],
      'ipclab: Expected the token to end in a line of the score that checks scenario polite, got received; there are delivered, printed, removed, reaped, status, ends\n',
    ],
  ])('exits with 2 when it is called wrongly: %j', (args, message) => {
    const { code, stdout, stderr } = runCli(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });

  test('says what is known when Ctrl-C ends it, exits with 130, and leaves nothing behind', async () => {
    const child = startCli(['grade', SOLUTION, '--lab', '01-hello-queue', '--seed', '3']);
    let engines: string[] = [];
    await waitFor(() => (engines = listEngines(child.pid)).length > 0);
    child.kill('SIGINT');
    const { code, stdout } = await child.ended;
    expect([code, listOwn(child.pid), engines.filter((pid) => existsSync(`/proc/${pid}`))]).toEqual([130, [], []]);
    expect(stdout).toContain('Interrupted: this is what was known.');
  });
});

describe('ipclab replay', () => {
  test('shows every event of the run, and what is wrong with it', () => {
    const { code, stdout } = runCli(['replay', 'signal-parent~~TERM@main1.2b', LAB]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/main#1 {2}<- SIGTERM from the grader, before its call 2: it is killed/);
    expect(stdout).toContain('removed-after-signal');
  });
  test('is about one line of the score, if the token ends in it', () => {
    const token = 'signal-parent~~TERM@main1.2b';
    const failing = runCli(['replay', `${token}~removed-after-signal`, LAB]);
    expect([failing.code, failing.stdout.trimEnd().split('\n').at(-1)]).toEqual([
      1,
      expect.stringMatching(/^  Still fails: /),
    ]);
    const passing = runCli(['replay', `${token}~removed-after-signal`, SOLUTION, '--lab', '01-hello-queue']);
    expect([passing.code, passing.stdout]).toEqual([0, expect.stringMatching(/^  Passes now: /m)]);
  });
  test('says what it could not reach', () => {
    const { code, stdout } = runCli(['replay', 'signal-parent~~TERM@main1.99b', SOLUTION, '--lab', '01-hello-queue']);
    expect(code).toBe(0);
    expect(stdout).toContain('No longer reached: expected SIGTERM to reach main#1 just before its call 99');
  });
  test('exits with 0 when there is nothing wrong', () => {
    expect(runCli(['replay', 'polite', SOLUTION, '--lab', '01-hello-queue']).code).toBe(0);
  });
});

test('whoever does not read the output to its end changes nothing about the exit status', async () => {
  const { ended } = startCli(['replay', 'signal-parent~~TERM@main1.2b', LAB], false);
  expect(await ended).toMatchObject({ code: 1, stderr: '' });
});

describe('ipclab free', () => {
  test('counts what came of runs at full speed', () => {
    const args = ['free', SOLUTION, '--lab', '01-hello-queue', '--scenario', 'polite', '--runs', '3'];
    const { code, stdout } = runCli(args);
    expect([code, stdout]).toEqual([0, expect.stringContaining('3 runs at full speed: 3 pass')]);
  });
  test('shows a run that failed, and exits with 1', () => {
    const { code, stdout } = runCli(['free', LAB, '--scenario', 'polite', '--runs', '2']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/2 runs at full speed: 2 [a-z-]+\n/);
    expect(stdout).toContain('cannot be shown again');
  });
  test.each([
    ['calls on files', '08-file-mailbox', []],
    ['shared memory', '09-shared-memory-server', ['--scenario', 'polite']],
  ])('judges no scenario that is about %s', (what, id, args) => {
    const lab = path.resolve('labs', id);
    const { code, stdout } = runCli(['free', path.join(lab, '.staff/solution-async'), '--lab', lab, ...args]);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Not judged at full speed: it is about ${what}`)]);
    expect(stdout).not.toContain('pass');
  });
  test('exits with 2 for a scenario that there is not', () => {
    const { code, stderr } = runCli(['free', LAB, '--scenario', 'polit']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('got polit; did you mean polite?')]);
  });
});

describe('ipclab run', () => {
  test('runs a TypeScript program, in which fork() works', () => {
    expect(runCli(['run', path.join(SOLUTION, 'src/main.ts')])).toEqual({
      code: 0,
      stdout: 'Received 252!\n',
      stderr: '',
    });
  });
  test('has the exit status of the command, and hands on its arguments', () => {
    expect(runCli(['run', 'sh', '-c', 'echo "$1"; exit 7', 'sh', '--help'])).toEqual({
      code: 7,
      stdout: '--help\n',
      stderr: '',
    });
    expect(runCli(['run', 'sh', '-c', 'kill -TERM $$']).code).toBe(128 + 15);
  });
  test('exits with 2 if there is no such program', () => {
    expect(runCli(['run', './nowhere']).code).toBe(2);
  });
});

test('ipclab doctor says what this machine can do', () => {
  const { code, stdout } = runCli(['doctor', '--json']);
  const machine = JSON.parse(stdout) as { canGrade: boolean };
  expect([code, machine.canGrade]).toEqual([0, true]);
});

test.each([
  '--help',
  'grade --help',
  'run --help',
  'replay --help',
  'free --help',
  'init --help',
  'start --help',
  'play --help',
  'test --help',
])('ipclab %s has examples', (args) => {
  const { code, stdout } = runCli(args.split(' '));
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ {2}\$ ipclab \w/m);
});

/** Temporary folders of a process (harness/src/sandbox/temporary.ts says how they are named). */
const listOwn = (pid: number): string[] =>
  readdirSync(tmpdir()).filter((name) => name.startsWith('ipclab-') && name.split('-')[3] === String(pid));

async function waitFor(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Engines that a process has started, by their pids. */
function listEngines(parent: number): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const isChild = new RegExp(`^PPid:\\s+${parent}$`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'));
      return isChild && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('engine.js');
    } catch {
      // It has ended since it was listed.
      return false;
    }
  });
}
