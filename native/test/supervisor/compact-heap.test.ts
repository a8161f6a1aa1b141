import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const library = fileURLToPath(new URL('../../build/Release/compact-heap.node', import.meta.url));

/** Pieces of memory that lie apart, of a program of Node's whose heap has 16 MiB for what is new. */
function countPieces(env: Record<string, string>): number {
  const program = `
    const maps = require('node:fs').readFileSync('/proc/self/maps', 'utf8').trim().split('\\n');
    console.log(maps.filter((line) => / 0 *$/.test(line)).length); // of no file`;
  const flags = ['--single-threaded', '--min-semi-space-size=16'];
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', program], { env, encoding: 'utf8' });
  expect(stderr).toBe(''); // where the loader tells that it could not preload
  return Number(stdout);
}

describe('the library that is preloaded into the zygote', () => {
  test('lays the pieces of the heap side by side', () => {
    expect(countPieces({ LD_PRELOAD: library })).toBeLessThan(countPieces({}) / 2);
  });
});
