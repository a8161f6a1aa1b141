import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CASES } from './cases.js';

const isRoot = process.geteuid?.() === 0;
// An IPC namespace of their own: keys are free, and whatever a failing case leaves goes with it.
const UNSHARE = ['--ipc', ...(isRoot ? [] : ['--user', '--map-root-user'])];

const parsed = CASES.map(([name, steps]) => ({
  name,
  steps: steps.split(';').map((step) => step.split('->').map((part) => part.trim()) as [string, string]),
}));
// Only root can become nobody.
const needsRoot = ({ steps }: { steps: [string, string][] }) => steps.some(([step]) => step.startsWith('nobody '));
const able = parsed.filter((each) => isRoot || !needsRoot(each));
const input = able.map(({ steps }) => `case\n${steps.map(([step]) => step).join('\n')}\n`).join('');

function runPeer(command: string[]): string[][] {
  const { stdout, stderr, status } = spawnSync('unshare', [...UNSHARE, ...command], { input, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const lines = stdout.trimEnd().split('\n');
  return able.map(({ steps }) => lines.splice(0, steps.length));
}

let ofC: string[][];
let ofAddon: string[][];
beforeAll(() => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-test-'));
  try {
    const peer = path.join(folder, 'peer');
    execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', peer, path.join(import.meta.dirname, 'peer.c')]);
    ofC = runPeer([peer]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  const addon = path.resolve(import.meta.dirname, '../../dist/index.js');
  const program = path.join(import.meta.dirname, 'program.mjs');
  ofAddon = runPeer([process.execPath, '--single-threaded', '--v8-pool-size=0', program, addon]);
  if (able.length < parsed.length)
    console.warn(`${parsed.length - able.length} cases need root, to become another user: skipped`);
});

test('the table has at least 90 cases, each with a name of its own', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(90);
  expect(new Set(CASES.map(([name]) => name)).size).toBe(CASES.length);
});

test.each(able.map(({ name, steps }, index) => ({ name, steps, index })))('$name', ({ steps, index }) => {
  const withoutState = (lines: string[] | undefined) => lines?.map((line) => line.replace(/ \|.*$/, ''));
  expect(withoutState(ofC[index])).toEqual(steps.map(([, expected]) => expected));
  // Outcome and IPC_STAT alike.
  expect(ofAddon[index]).toEqual(ofC[index]);
});
