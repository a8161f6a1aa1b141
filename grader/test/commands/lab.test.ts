import { jest } from '@jest/globals';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { certificateSchema, hashLab } from '../../src/lab/certificate.js';
import { resultSchema } from '../../src/score/result.js';
import { runCli } from './cli.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-lab-'));
const lab = path.join(folder, '99-mine');
const CERTIFICATE = path.join(lab, '.staff/certificate.json');
const check = (...more: string[]) => runCli(['lab', 'check', lab, '--seeds', '1', '--runs', '6', ...more]);
const isCertified = (submission = lab): boolean => {
  const { stdout } = runCli(['grade', '.', '--scenario', 'polite', '--json'], { cwd: submission });
  return resultSchema.parse(JSON.parse(stdout)).lab.certified;
};
beforeAll(() => expect(runCli(['lab', 'new', lab]).code).toBe(0));
// Each checks a lab once or twice; the limit only ends what hangs.
jest.setTimeout(300_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('lab new makes a lab that lab check certifies, twice in the same words', () => {
  expect([existsSync(path.join(lab, '.staff/solution-c-style')), isCertified()]).toEqual([true, false]);
  const { code, stdout, stderr } = check();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^10 points in 6 lines; 1 seed$/m);
  expect(stdout).toMatch(/^✓ {2}takes-its-own {6}asked: received-own {9}polite {2}1\/1 {4}1 of polite$/m);
  expect(stdout).toMatch(/^0 false alarms in \d+ runs of correct programs: the rate is below \d+\.\d\d % /m);
  expect(stdout).toMatch(/\n\nCertified\.\n$/);
  const text = readFileSync(CERTIFICATE, 'utf8');
  const { correct, ...certificate } = certificateSchema.parse(JSON.parse(text));
  expect(certificate).toEqual({
    version: 1,
    lab: '99-mine',
    labHash: hashLab(lab),
    fileHash: expect.stringMatching(/^[0-9a-f]{12}$/),
    tool: '0.1.0',
    outcome: 'certified',
    points: 10,
    seeds: 1,
    runs: 6,
    load: false,
    mutants: { programs: 3, caught: 3, medianRuns: 1, maxRuns: 1 },
  });
  expect([correct.programs, correct.falseAlarms]).toEqual([2, 0]);
  expect(isCertified()).toBe(true);
  // What is handed out is so, too, whatever a student does in it.
  const student = path.join(folder, 'ann');
  expect(runCli(['init', lab, student]).code).toBe(0);
  appendFileSync(path.join(student, 'src/main.ts'), '// Mine.\n');
  expect([existsSync(path.join(student, '.staff')), isCertified(student)]).toEqual([false, true]);
  expect([check().stdout, readFileSync(CERTIFICATE, 'utf8')]).toEqual([stdout, text]);
});

test('what an author got wrong is told, under load too, and the lab is not certified any more', () => {
  const staff = path.join(lab, '.staff');
  writeFileSync(path.join(staff, 'skeleton.yaml'), 'rule: ends\n');
  const mutant = path.join(staff, 'mutants/no-removal/mutant.yaml');
  writeFileSync(mutant, readFileSync(mutant, 'utf8').replace('code: left', 'code: twice'));
  const wrong = path.join(staff, 'traps/wrong/src');
  mkdirSync(wrong, { recursive: true });
  writeFileSync(path.join(wrong, 'main.ts'), "console.log('42');\n");
  appendFileSync(
    path.join(lab, 'lab.yaml'),
    '  - id: safe\n    rule: handler-safety\n    title: Handlers are safe\n    points: 1\n',
  );
  appendFileSync(path.join(lab, 'README.md'), '\n```console\n$ npx ipclab start polit\n```\n');
  const { code, stdout } = check('--load');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^11 points in 7 lines; 1 seed, every core kept busy$/m);
  const told = stdout.slice(stdout.indexOf('problems\n') + 9, stdout.indexOf('\n\nNot certified.'));
  expect(told.replaceAll(/\n {4}/g, ' ').split('\n')).toEqual([
    expect.stringMatching(/^ {2}README\.md:\d+: unknown scenario polit; did you mean polite\?$/),
    '  README.md: its table of points does not name safe',
    '  skeleton .: expected to fail by ends, got exactly-once: not-sent',
    expect.stringMatching(/^ {2}solution-c-style: no run of \d+ put safe to the test$/),
    expect.stringMatching(/^ {2}traps\/two-queues: no run of \d+ put safe to the test$/),
    '  traps/wrong: expected to pass on 1 seed, passed on 0: exactly-once: No question messages were sent.',
    '  mutant no-removal: expected removed: twice on 1 seed, caught on 0; otherwise queues-removed: left (1)',
  ]);
  expect([certificateSchema.parse(JSON.parse(readFileSync(CERTIFICATE, 'utf8'))).outcome, isCertified()]).toEqual([
    'failed',
    false,
  ]);
});

test('lab new writes nowhere where there is something, and wants a name that can be an id', () => {
  expect(runCli(['lab', 'new', lab])).toEqual({
    code: 2,
    stdout: '',
    stderr: `ipclab: Expected a new or empty folder, but there is something in ${lab}.\n`,
  });
  expect(runCli(['lab', 'new', path.join(folder, 'My Lab')])).toEqual({
    code: 2,
    stdout: '',
    stderr: "ipclab: Expected a folder named as the lab's id: small letters, digits and dashes, got My Lab.\n",
  });
});
