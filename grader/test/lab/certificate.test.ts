import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Certificate, hashLab, isCertified } from '../../src/lab/certificate.js';

const root = mkdtempSync(path.join(tmpdir(), 'ipclab-certificate-'));
const lab = path.join(root, 'lab');
const write = (file: string, text: string): void => {
  mkdirSync(path.dirname(path.join(lab, file)), { recursive: true });
  writeFileSync(path.join(lab, file), text);
};
const create = (change: Partial<Certificate> = {}): string =>
  JSON.stringify({
    version: 1,
    lab: 'lab',
    labHash: hashLab(lab),
    fileHash: 'f',
    tool: '0.1.0',
    outcome: 'certified',
    points: 5,
    seeds: 2,
    runs: 20,
    load: false,
    correct: { programs: 2, runs: 40, falseAlarms: 0, upperBound: 0.07 },
    mutants: { programs: 1, caught: 1, medianRuns: 1, maxRuns: 2 },
    ...change,
  } satisfies Certificate);

beforeEach(() => {
  rmSync(lab, { recursive: true, force: true });
  write('lab.yaml', 'version: 1\n');
  write('src/main.ts', 'one\n');
  write('.staff/solution/src/main.ts', 'two\n');
});
afterAll(() => rmSync(root, { recursive: true }));

test('a lab is certified by a certificate with its own hash, and by no other', () => {
  expect(isCertified(lab, 'f')).toBe(false);
  write('.staff/certificate.json', create());
  expect(isCertified(lab, 'f')).toBe(true);
  write('.staff/certificate.json', create({ labHash: '0' }));
  expect(isCertified(lab, 'f')).toBe(false);
  write('.staff/certificate.json', create({ outcome: 'failed' }));
  expect(isCertified(lab, 'f')).toBe(false);
  write('.staff/certificate.json', '{');
  expect(isCertified(lab, 'f')).toBe(false);
});

test.each(['lab.yaml', 'src/main.ts', '.staff/solution/src/main.ts', 'rules/mine.ts'])(
  'a change of %s ends it',
  (file) => {
    write('.staff/certificate.json', create());
    write(file, 'changed\n');
    expect(isCertified(lab, 'f')).toBe(false);
  },
);

test('notes, and what is made from the sources, end nothing', () => {
  write('.staff/certificate.json', create());
  for (const file of ['README.md', '.staff/notes.md', 'node_modules/a/index.js', 'c/main.o', '.vscode/settings.json'])
    write(file, 'changed\n');
  expect(isCertified(lab, 'f')).toBe(true);
});

test('where a lab is handed out its certificate lies beside lab.yaml, and that file alone counts', () => {
  const given = path.join(root, 'given');
  mkdirSync(given);
  cpSync(path.join(lab, 'lab.yaml'), path.join(given, 'lab.yaml'));
  writeFileSync(path.join(given, 'certificate.json'), create());
  expect([isCertified(given, 'f'), isCertified(given, 'g')]).toEqual([true, false]);
});
