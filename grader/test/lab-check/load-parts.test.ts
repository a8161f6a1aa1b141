import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadParts } from '../../src/lab-check/load-parts.js';

const lab = mkdtempSync(path.join(tmpdir(), 'ipclab-parts-'));
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(lab, file)), { recursive: true });
  writeFileSync(path.join(lab, file), text);
};
afterAll(() => rmSync(lab, { recursive: true }));

test('a lab without a .staff folder lacks all of it', () => {
  expect(loadParts(lab)).toEqual({
    skeletons: [{ name: '.', folder: lab }],
    correct: [],
    mutants: [],
    problems: [
      '.staff/skeleton.yaml: there is no such file',
      '.staff: there is no solution: a folder solution-…',
      '.staff/mutants: there is no mutant',
    ],
  });
});

test('skeletons, solutions, traps and mutants are found by their places', () => {
  write('c/package.json', '{}');
  write('src/main.ts', '');
  write('.staff/skeleton.yaml', 'rule: ends\ncode: deadlock\nskeletons: { c: { rule: removed } }\n');
  write('.staff/solution-async/src/main.ts', '');
  write('.staff/traps/odd/src/main.ts', '');
  write('.staff/mutants/one/mutant.yaml', 'from: solution-async\nrule: removed\ncode: left\nunder: polite\n');
  write('.staff/mutants/two/mutant.yaml', 'from: solution-async\nrule: removed\nmistake: None.\n');
  const at = (name: string): string => path.join(lab, name);
  expect(loadParts(lab)).toEqual({
    skeletons: [
      { name: '.', folder: lab, reason: expect.objectContaining({ rule: 'ends', code: 'deadlock' }) },
      { name: 'c', folder: at('c'), reason: { rule: 'removed' } },
    ],
    correct: [
      { name: 'solution-async', folder: at('.staff/solution-async') },
      { name: 'traps/odd', folder: at('.staff/traps/odd') },
    ],
    mutants: [
      {
        name: 'one',
        folder: at('.staff/mutants/one'),
        rule: 'removed',
        code: 'left',
        from: 'solution-async',
        under: 'polite',
        mistake: '',
      },
      {
        name: 'two',
        folder: at('.staff/mutants/two'),
        rule: 'removed',
        from: 'solution-async',
        under: '',
        mistake: 'None.',
      },
    ],
    problems: [],
  });
});

test('what cannot be read is told, with its place, and left out', () => {
  write('.staff/mutants/bad/mutant.yaml', 'rule: removed\nfrmo: x\n');
  write('.staff/mutants/lost/mutant.yaml', 'rule: removed\nfrom: solution-c\n');
  mkdirSync(path.join(lab, '.staff/mutants/none'));
  const { mutants, problems } = loadParts(lab);
  expect(mutants.map(({ name }) => name)).toEqual(['one', 'two']);
  expect(problems).toEqual([
    '.staff/mutants/bad/mutant.yaml: from: Invalid input: expected string, received undefined',
    '.staff/mutants/bad/mutant.yaml: Unrecognized key: "frmo"',
    '.staff/mutants/lost/mutant.yaml: from: there is no .staff/solution-c',
    '.staff/mutants/none/mutant.yaml: there is no such file',
  ]);
});
