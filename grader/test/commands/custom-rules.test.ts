import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { addCustomRule } from '../../src/commands/rules-new.js';
import { resultSchema } from '../../src/score/result.js';
import { runCli } from './cli.js';

const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-custom-'));
const lab = path.join(folder, 'mine');
const solution = path.join(lab, '.staff/solution-c-style');
const rule = path.join(lab, 'rules/all-read.ts');
const LINE = `
  - id: read
    rule: all-read
    points: 3
    title: Every question is read
    with: { format: question }
`;
const grade = (submission: string) => {
  const { code, stdout } = runCli(['grade', submission, '--lab', lab, '--scenario', 'polite', '--json']);
  const result = resultSchema.parse(JSON.parse(stdout));
  return { code, result, line: result.rules.find(({ id }) => id === 'read')! };
};

beforeAll(() => {
  expect(runCli(['lab', 'new', lab]).code).toBe(0);
  expect(runCli(['rules', 'new', lab, 'all-read']).code).toBe(0);
  appendFileSync(path.join(lab, 'lab.yaml'), LINE);
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a rule that rules new has made judges submissions, with its hints', () => {
  const { code, line } = grade(solution);
  expect([code, line]).toEqual([
    0,
    { id: 'read', rule: 'all-read', title: 'Every question is read', points: 3, maxPoints: 3, verdict: 'pass' },
  ]);
  const unread = path.join(folder, 'unread');
  const { stdout } = runCli(['lab', 'new', unread]);
  expect(stdout).not.toBe('');
  const program = path.join(unread, 'src/main.ts');
  writeFileSync(
    program,
    readFileSync(program, 'utf8')
      .replace('msgget, waitpid', 'msgget, msgsnd, waitpid')
      .replace('  waitpid(pid);', '  msgsnd(queue, 1, Buffer.alloc(4));\n  waitpid(pid);'),
  );
  const { finding } = grade(unread).line;
  expect([finding?.rule, finding?.code, finding?.message, finding?.hints]).toEqual([
    'all-read',
    'unread',
    'Nobody received the question of type 1 {number: 0} that main#1 sent.',
    ['Who was to receive it?'],
  ]);
});

test('it is listed with the others, and explained', () => {
  expect(runCli(['rules', '--lab', lab]).stdout).toMatch(/^all-read {19}Each message is received$/m);
  expect(runCli(['rules', 'all-read', '--lab', lab]).stdout).toMatch(/^all-read\nEach message is received\.\n/);
  expect(runCli(['rules', 'new', lab, 'all-read'])).toEqual({
    code: 2,
    stdout: '',
    stderr: 'ipclab: Expected a new name, but there is a rule all-read already.\n',
  });
});

test('one that throws costs nothing: an error with its name and place, and the other lines count', () => {
  writeFileSync(rule, readFileSync(rule, 'utf8').replace('if (!isComplete(run)', 'if (run.none.such'));
  const at = readFileSync(rule, 'utf8')
    .split('\n')
    .findIndex((text) => text.includes('run.none.such'));
  const { code, result, line } = grade(solution);
  const message = expect.stringMatching(
    new RegExp(`^Rule all-read threw TypeError: .* \\(rules/all-read\\.ts:${at + 1}:18\\)\\.$`),
  );
  expect([code, result.verdict, line.verdict, result.points, result.undecidedPoints]).toEqual([
    2,
    'error',
    'error',
    10,
    3,
  ]);
  expect(result.faults).toEqual([{ code: 'rule', message, scenario: 'polite' }]);
  const replayed = runCli(['replay', 'polite', solution, '--lab', lab]);
  expect([replayed.code, replayed.stderr.split('\n')]).toEqual([
    2,
    [
      expect.stringMatching(/^ipclab: Rule all-read threw TypeError/),
      'This is a mistake of the lab, not of the submission.',
      '',
    ],
  ]);
});

test('what is wrong in its text is shown at its place in lab.yaml', () => {
  writeFileSync(rule, 'export const a = ;\n');
  const { code, stderr } = runCli(['grade', solution, '--lab', lab]);
  expect([code, stderr.split('\n').slice(0, 1)]).toEqual([
    2,
    [expect.stringMatching(/lab\.yaml:\d+:15 error: rules\/all-read\.ts:1:18: Unexpected ";"$/)],
  ]);
});

test('a rule is named in lab.yaml as its author writes lists, or it is left to them', () => {
  expect(addCustomRule('title: A\n# Why\nrules:\n', 'rules/a.ts')).toBe(
    'title: A\ncustomRules: [rules/a.ts]\n\n# Why\nrules:\n',
  );
  expect(addCustomRule('customRules: []\n', 'rules/a.ts')).toBe('customRules: [rules/a.ts]\n');
  expect(addCustomRule('customRules: [rules/a.ts] # ours\n', 'rules/b.ts')).toBe(
    'customRules: [rules/a.ts, rules/b.ts] # ours\n',
  );
  expect(addCustomRule('customRules:\n  - rules/a.ts\n', 'rules/b.ts')).toBeUndefined();
});
