import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, runCli } from './cli.js';

// A student's machine: the packages as they are handed out, beside everybody else's, and no repository.
const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-kit-'));
const modules = path.join(folder, 'node_modules');
const student = path.join(folder, 'my-lab');
const { NODE_OPTIONS: _options, ...env } = process.env;
const packed: string[] = [];

beforeAll(() => {
  const packages = path.join(folder, 'packages');
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/pack.mjs'), packages]);
  mkdirSync(path.join(modules, '@ipclab'), { recursive: true });
  for (const name of readdirSync(path.join(ROOT, 'node_modules')))
    if (!['ipclab', '@ipclab'].includes(name))
      symlinkSync(path.join(ROOT, 'node_modules', name), path.join(modules, name));
  for (const [name, place, workspace] of [
    ['ipclab', 'ipclab', 'grader'],
    ['ipclab-harness', '@ipclab/harness', 'harness'],
    ['ipclab-native', '@ipclab/native', 'native'],
  ] as const) {
    const file = readdirSync(packages).find((each) => new RegExp(`^${name}-\\d`).test(each))!;
    mkdirSync(path.join(modules, place));
    execFileSync('tar', ['xzf', path.join(packages, file), '-C', path.join(modules, place), '--strip-components=1']);
    // Other versions than those that all share.
    const nested = path.join(ROOT, workspace, 'node_modules');
    if (existsSync(nested)) symlinkSync(nested, path.join(modules, place, 'node_modules'));
    packed.push(...execFileSync('tar', ['tzf', path.join(packages, file)], { encoding: 'utf8' }).split('\n'));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (args: string[], cwd = folder): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });

test("what is the staff's is in no package", () => {
  // Our own code speaks of them, and the lab that `lab new` makes has them: nobody is graded by that one.
  const content = packed.filter((file) => !/^package\/(?:dist|scaffold)\//.test(file));
  expect(content.filter((file) => /staff|solution|mutant|expected\.json/.test(file))).toEqual([]);
  expect(packed.filter((file) => file.endsWith('lab.yaml')).length).toBeGreaterThan(1);
});

test('the native parts are installed without a compiler, if the package has them for this machine', () => {
  const native = path.join(modules, '@ipclab/native');
  const install = spawnSync(process.execPath, ['install.mjs'], { cwd: native, env: { PATH: '' }, encoding: 'utf8' });
  expect([install.status, readdirSync(path.join(native, 'build/Release')).toSorted()]).toEqual([
    0,
    ['addon.node', 'compact-heap.node', 'confine', 'exec-zygote', 'supervisor.node', 'userns-exec'],
  ]);
});

test('init makes a folder with all that a student needs', () => {
  const made = run(['node_modules/ipclab/bin/ipclab.js', 'init', '01-hello-queue', 'my-lab']);
  expect([made.status, made.stderr]).toEqual([0, '']);
  expect(new Set(readdirSync(student, { recursive: true, encoding: 'utf8' }))).toEqual(
    new Set([
      '.devcontainer',
      '.devcontainer/devcontainer.json',
      '.github',
      '.github/workflows',
      '.github/workflows/grade.yml',
      '.gitignore',
      '.gitlab-ci.yml',
      '.vscode',
      '.vscode/launch.json',
      '.vscode/settings.json',
      '.vscode/tasks.json',
      'README.md',
      'package.json',
      'src',
      'src/main.ts',
      'test',
      'test/lab.test.ts',
      'tsconfig.json',
    ]),
  );
  expect(JSON.parse(readFileSync(path.join(student, 'package.json'), 'utf8'))).toEqual({
    name: 'my-lab',
    private: true,
    scripts: {
      test: 'jest',
      watch: 'jest --watchAll',
      start: 'ipclab start',
      play: 'ipclab play',
      grade: 'ipclab grade .',
    },
    jest: { preset: 'ipclab' },
    ipclab: { lab: '01-hello-queue' },
    devDependencies: { ipclab: '0.1.0', '@ipclab/native': '0.1.0', jest: '^30.0.0' },
  });
});

test('there the skeleton fails, a solution passes, and tests and grade say the same', () => {
  const jest = path.join(modules, 'jest/bin/jest.js');
  const ipclab = path.join(modules, 'ipclab/bin/ipclab.js');
  const pointsOf = (text: string): string | undefined => /\d+ of \d+ points/.exec(text)?.[0];
  const examine = (): unknown => {
    const tests = run([jest], student);
    const grade = run([ipclab, 'grade', '.'], student);
    return [tests.status, pointsOf(tests.stdout + tests.stderr), grade.status, pointsOf(grade.stdout)];
  };
  expect(examine()).toEqual([1, expect.stringMatching(/^\d of/), 1, expect.stringMatching(/^\d of/)]);
  cpSync(path.join(ROOT, 'labs/01-hello-queue/.staff/solution-c-style/src'), path.join(student, 'src'), {
    recursive: true,
  });
  const [status, points, ...rest] = examine() as [number, string, number, string];
  expect([status, ...rest]).toEqual([0, 0, points]);
  const start = run([ipclab, 'start'], student);
  expect([start.status, start.stdout]).toEqual([0, expect.stringContaining('main#1 │ Received 252!')]);
});

test('init leaves alone what is there, and names the labs if there is none of that name', () => {
  expect(runCli(['init', '01-hello-queue', student])).toEqual({
    code: 2,
    stdout: '',
    stderr: `ipclab: Expected a new or empty folder, but there is something in ${student}.\n`,
  });
  const { code, stderr } = runCli(['init', '01-hello-quue', path.join(folder, 'other')]);
  expect([code, stderr]).toEqual([2, expect.stringContaining('got 01-hello-quue; did you mean 01-hello-queue?')]);
  expect(existsSync(path.join(folder, 'other'))).toBe(false);
});
