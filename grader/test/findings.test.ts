import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

test('docs/findings.md is what is printed; node scripts/findings.mjs writes it', () => {
  const script = fileURLToPath(new URL('../../scripts/findings.mjs', import.meta.url));
  const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
}, 240_000);
