import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { transformSync } from 'esbuild';
import { IPC_PRIVATE, IPC_RMID, msgctl, msgget, msgrcv, msgsnd, struct } from '../../src/index.js';

const run = promisify(execFile);
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ipclab-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the lecture’s example, line for line in TypeScript, prints Received 252! and leaves no queue', async () => {
  const before = execFileSync('ipcs', ['-q'], { encoding: 'utf8' });
  const source = readFileSync(path.join(import.meta.dirname, 'received-252.ts'), 'utf8');
  const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'node20' });
  const entry = path.resolve(import.meta.dirname, '../../dist/index.js');
  const program = path.join(folder, 'received-252.mjs');
  writeFileSync(program, code.replace('"@ipclab/native"', JSON.stringify(entry)));
  // The parent does not wait: the pipe is closed, and the output whole, when the child has ended, too.
  const { stdout } = await run(process.execPath, ['--single-threaded', '--v8-pool-size=0', program]);
  expect(stdout).toBe('Received 252!\n');
  expect(execFileSync('ipcs', ['-q'], { encoding: 'utf8' })).toBe(before);
});

test('the pirate goes to a C program and comes back, byte for byte', async () => {
  const program = path.join(folder, 'pirate');
  execFileSync('cc', ['-Wall', '-Wextra', '-Werror', '-o', program, path.join(import.meta.dirname, 'pirate.c')]);
  const info = struct({ name: 'char[30]', ship_type: 'char', notoriety: 'int', cruelty: 'int', booty_value: 'int' });
  const queue = msgget(IPC_PRIVATE, 0o600);
  try {
    const pirate = { name: 'Anne Bonny', ship_type: 'S', notoriety: 8, cruelty: 7, booty_value: 21 };
    msgsnd(queue, 1, info.pack(pirate));
    const { stdout } = await run(program, [String(queue)]);
    expect(stdout).toBe('Anne Bonny S 8 7 21\n');
    const { data } = msgrcv(queue, info.sizeBytes, 2);
    expect(data).toEqual(info.pack({ ...pirate, booty_value: 42 }));
  } finally {
    msgctl(queue, IPC_RMID);
  }
});
