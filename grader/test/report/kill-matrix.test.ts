import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CERTIFICATE, type Certificate, certificateSchema, hashLab, KILL_MATRIX } from '../../src/lab/certificate.js';
import { type KillMatrix, killMatrixSchema } from '../../src/lab-check/kill-matrix.js';
import { listFolders } from '../../src/lab-check/load-parts.js';
import { renderKillMatrices, renderMatrixTable } from '../../src/report/kill-matrix.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

const MATRIX: KillMatrix = {
  version: 1,
  lab: '10-small',
  title: 'A small lab',
  seeds: 20,
  lines: ['removed', 'ends'],
  correct: [
    { program: 'solution', runs: 2000, falseAlarms: 0 },
    { program: 'trap', runs: 1000, falseAlarms: 1 },
  ],
  mutants: [
    {
      mutant: 'no-removal',
      expected: 'removed: left',
      under: 'polite',
      caught: 20,
      first: '1 of polite',
      wanted: ['removed'],
      lost: ['removed'],
    },
    {
      mutant: 'never-ends',
      expected: 'ends: deadlock',
      under: 'order',
      caught: 19,
      first: '7 of order',
      wanted: ['ends'],
      lost: ['removed', 'ends'],
    },
  ],
};

test('a mutant has a row, a line of the score a column', () => {
  expect(renderMatrixTable(MATRIX.lines, MATRIX.mutants).split('\n')).toEqual([
    'mutant      1  2',
    '----------  -  -',
    'no-removal  ●  ·',
    'never-ends  +  ●',
    '1 removed, 2 ends',
  ]);
});

test('the document counts what was caught on every seed, and false alarms', () => {
  const text = renderKillMatrices([{ ...MATRIX, load: true }]);
  expect(text).toContain('**1 of 2 mutants** are caught');
  expect(text).toContain('**1 false alarm** in 3000 runs of 2 correct programs');
  expect(text).toContain('| 10-small | 2 | 1 | 20 | 2 | 3000 | yes | 1 |');
  expect(text).toContain('never-ends  ends: deadlock     order   19/20  7 of order');
});

describe('what the labs hold', () => {
  const staff = listFolders(path.join(root, 'labs')).map((lab) => path.join(root, 'labs', lab, '.staff'));
  const read = (file: string): KillMatrix => killMatrixSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  const readCertificate = (file: string): Certificate =>
    certificateSchema.parse(JSON.parse(readFileSync(path.join(path.dirname(file), CERTIFICATE), 'utf8')));
  const files = staff.map((folder) => path.join(folder, KILL_MATRIX)).filter((file) => existsSync(file));

  test('docs/kill-matrix.md is made of it; node scripts/kill-matrix.mjs writes it', () => {
    expect(readFileSync(path.join(root, 'docs/kill-matrix.md'), 'utf8')).toBe(
      renderKillMatrices(files.map((file) => ({ ...read(file), load: readCertificate(file).load }))),
    );
  });

  test('the matrix of a lab is of all its mutants', () => {
    const told = files.map((file) => read(file).mutants.map(({ mutant }) => mutant));
    expect(told).toEqual(files.map((file) => listFolders(path.join(path.dirname(file), 'mutants'))));
  });

  test('a matrix makes no difference to what a lab is certified as', () => {
    for (const file of files) {
      expect(hashLab(path.dirname(path.dirname(file)))).toBe(readCertificate(file).labHash);
    }
  });
});
