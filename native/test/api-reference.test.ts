import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as native from '@ipclab/native';

const root = fileURLToPath(new URL('../..', import.meta.url));
const reference = readFileSync(path.join(root, 'docs/api.md'), 'utf8');

describe('docs/api.md', () => {
  test('is what the docstrings say; node scripts/api-reference.mjs writes it', () => {
    expect(execFileSync(process.execPath, [path.join(root, 'scripts/api-reference.mjs'), '--check'])).toEqual(
      Buffer.alloc(0),
    );
  });

  test('has every name that a program can import', () => {
    const names = [...Object.keys(native), ...Object.keys(native.promises).map((name) => `promises.${name}`)];
    const isNamed = (name: string) => reference.includes(`### ${name}\n`) || reference.includes(`| \`${name}\` |`);
    expect(names.filter((name) => name !== 'promises' && !isNamed(name))).toEqual([]);
  });
});
