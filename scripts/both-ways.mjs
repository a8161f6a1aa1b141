// Does a student's `npm test` say the same as `ipclab grade`? Runs every sample submission both ways, in a folder such as `ipclab init`
// makes, and compares points, verdict of each line and fingerprint. Ends with 0 only if all agree.
//   node scripts/both-ways.mjs [only names that contain this]
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect, isDeepStrictEqual } from 'node:util';
import { mapAtOnce } from './table.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const samples = path.join(root, 'fixtures/submissions');
const [only = ''] = process.argv.slice(2);
const BUILD = 'the programs build';
const scratch = mkdtempSync(path.join(tmpdir(), 'ipclab-both-ways-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => process.exit(130));

const names = readdirSync(samples)
  .flatMap((lab) => readdirSync(path.join(samples, lab)).map((name) => `${lab}/${name}`))
  .filter((name) => name.includes(only))
  .toSorted();
const outcomes = await mapAtOnce(names, availableParallelism(), async (name) => {
  const folder = makeFolder(name);
  const graded = readGrade(await run(folder, ['node_modules/ipclab/bin/ipclab.js', 'grade', '.', '--json']));
  const tested = readTests(
    await run(folder, ['node_modules/jest/bin/jest.js', '--ci', '--json', '--outputFile=tests.json']),
    folder,
  );
  const problems = Object.keys(graded)
    .filter((key) => !isDeepStrictEqual(graded[key], tested[key]))
    .map((key) => `${key}: grade says ${inspect(graded[key])}, npm test says ${inspect(tested[key])}`);
  if (problems.length > 0) console.log(`✗ ${name}\n${problems.map((each) => `    ${each}`).join('\n')}`);
  else console.log(`✓ ${name}: ${graded.points}, fingerprint ${graded.fingerprint}`);
  return problems.length === 0;
});
const agreed = outcomes.filter(Boolean).length;
console.log(`\n${agreed} of ${outcomes.length} submissions: npm test and ipclab grade say the same`);
process.exitCode = agreed === outcomes.length && agreed > 0 ? 0 : 1;

function makeFolder(name) {
  const lab = path.dirname(name);
  const folder = path.join(scratch, name);
  cpSync(path.join(samples, name), folder, { recursive: true });
  mkdirSync(path.join(folder, 'test'), { recursive: true });
  cpSync(path.join(root, 'labs', lab, 'test/lab.test.ts'), path.join(folder, 'test/lab.test.ts'));
  writeFileSync(
    path.join(folder, 'package.json'),
    JSON.stringify({ private: true, jest: { preset: 'ipclab' }, ipclab: { lab } }),
  );
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return folder;
}

/** { stdout, stderr }, whatever the exit code. */
function run(cwd, args) {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, NO_COLOR: '1' }, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, args, options, (_error, stdout, stderr) => resolve({ stdout, stderr }));
  });
}

function readGrade({ stdout, stderr }) {
  if (stdout === '') throw new Error(`Expected the JSON of a result, got: ${stderr}`);
  const { points, maxPoints, fingerprint, rules, diagnostics } = JSON.parse(stdout);
  // What does not build is not run; jest fails all its tests.
  const isBroken = diagnostics.some(({ severity }) => severity === 'error');
  const failed = rules
    .filter(({ verdict }) => isBroken || ['fail', 'untested'].includes(verdict))
    .map(({ title }) => title);
  return {
    points: `${points} of ${maxPoints}`,
    fingerprint: fingerprint.id,
    failed: new Set([...(isBroken ? [BUILD] : []), ...failed]),
  };
}

/** A line is a test in each of its scenarios; it fails if one of them does. */
function readTests({ stderr }, folder) {
  const { testResults } = JSON.parse(readFileSync(path.join(folder, 'tests.json'), 'utf8'));
  const failed = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => status === 'failed')
    .map(({ title }) => title);
  return {
    points: /^(\d+ of \d+) points/m.exec(stderr)?.[1],
    fingerprint: /^fingerprint (\w+):/m.exec(stderr)?.[1],
    failed: new Set(failed),
  };
}
