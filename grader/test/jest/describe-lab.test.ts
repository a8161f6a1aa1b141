import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Result, resultSchema } from '../../src/score/result.js';
import { ROOT, runCli } from '../commands/cli.js';

const LAB = path.join(ROOT, 'labs/01-hello-queue');
const JEST = createRequire(import.meta.url).resolve('jest/bin/jest');

interface JestReport {
  testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
}

/** As `npm test` there: plain jest, which finds the preset in package.json. */
function runJest(flags: readonly string[] = []): { report: JestReport; said: string; code: number | null } {
  const { NODE_OPTIONS: _options, FORCE_COLOR: _color, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...flags, JEST, '--json', '--no-cache'], {
    cwd: LAB,
    env,
    encoding: 'utf8',
  });
  return { report: JSON.parse(stdout) as JestReport, said: stderr, code: status };
}

const plain = runJest();

describe("jest in a lab's folder", () => {
  const graded = runCli(['grade', '.', '--json'], { cwd: LAB });
  const result: Result = resultSchema.parse(JSON.parse(graded.stdout));

  test.each([
    ['as CommonJS', plain],
    ['as ES modules', runJest(['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'])],
  ])('gives each rule the verdict of ipclab grade, one test a scenario and rule, %s', (_, { report, said, code }) => {
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    const verdicts = new Map(
      result.rules.map(({ title }) => {
        const mine = tests.filter((one) => one.title === title);
        return [title, mine.length > 0 && mine.every(({ status }) => status === 'passed') ? 'pass' : 'fail'];
      }),
    );
    // Jest knows no third.
    const wanted = result.rules.map(({ title, verdict }): [string, string] => [
      title,
      verdict === 'pass' ? 'pass' : 'fail',
    ]);
    expect(verdicts).toEqual(new Map(wanted));
    expect(code).toBe(graded.code);
    // The same points and the same fingerprint.
    expect(said).toContain(`${result.points} of ${result.maxPoints} points`);
    expect(said).toContain(`fingerprint ${result.fingerprint.id}`);
  });

  test('fails a test with the finding and nothing of a stack', () => {
    const failures = runJest()
      .report.testResults.flatMap(({ assertionResults }) => assertionResults)
      .flatMap(({ failureMessages }) => failureMessages);
    const [first] = result.rules.flatMap(({ finding }) => finding ?? []);
    expect(failures[0]).toContain(first?.message);
    expect(failures[0]).toContain(`npx ipclab replay ${first?.token}`);
    expect(failures.filter((text) => /^\s+at /m.test(text))).toEqual([]);
  });
});
