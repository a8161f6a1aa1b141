// Makes the three packages, as students install them: with binaries for this machine's kind, and the labs without what is for staff.
//   node scripts/pack.mjs <folder> [--arm64]
// --arm64: the addon for that kind too, by the cross compiler of Debian's g++-aarch64-linux-gnu.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const {
  values: { arm64 },
  positionals: [target],
} = parseArgs({ allowPositionals: true, options: { arm64: { type: 'boolean', default: false } } });
if (!target) throw new Error('Expected a folder: node scripts/pack.mjs <folder> [--arm64]');
mkdirSync(target, { recursive: true });
const staging = mkdtempSync(path.join(tmpdir(), 'ipclab-pack-'));
// There is a supervisor for x86-64 only.
const BINARIES =
  process.arch !== 'x64'
    ? ['addon.node']
    : ['addon.node', 'supervisor.node', 'userns-exec', 'confine', 'exec-zygote', 'compact-heap.node'];

try {
  for (const name of ['native', 'harness', 'grader']) {
    const folder = path.join(staging, name);
    const { files } = JSON.parse(readFileSync(path.join(root, name, 'package.json'), 'utf8'));
    // Some of them are made here only.
    for (const file of ['package.json', ...files].filter((each) => existsSync(path.join(root, name, each))))
      cpSync(path.join(root, name, file), path.join(folder, file), {
        recursive: true,
        filter: (from) => !from.endsWith('.tsbuildinfo'),
      });
    cpSync(path.join(root, 'LICENSE'), path.join(folder, 'LICENSE'));
    if (name === 'native') addBinaries(folder);
    if (name === 'native' && arm64) addArm64(folder);
    if (name === 'grader') addLabs(folder);
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', path.resolve(target)], {
      cwd: folder,
    });
  }
} finally {
  rmSync(staging, { recursive: true });
}
for (const file of readdirSync(target)) console.log(path.join(target, file));

function addBinaries(folder) {
  const prebuilt = getPrebuilt(folder, process.arch);
  for (const file of BINARIES) cpSync(path.join(root, 'native/build/Release', file), path.join(prebuilt, file));
}

/** The addon alone: there is no supervisor for it. The headers of Node are the same for all kinds. */
function addArm64(folder) {
  const copy = path.join(staging, 'arm64');
  cpSync(path.join(root, 'native'), copy, {
    recursive: true,
    filter: (from) => !['build', 'dist', 'node_modules', 'prebuilds', 'test'].includes(path.basename(from)),
  });
  const headers = createRequire(path.join(root, 'native/install.mjs')).resolve('node-addon-api/package.json');
  mkdirSync(path.join(copy, 'node_modules'));
  symlinkSync(path.dirname(headers), path.join(copy, 'node_modules/node-addon-api'));
  const cross = { CC: 'aarch64-linux-gnu-gcc', CXX: 'aarch64-linux-gnu-g++', npm_config_arch: 'arm64' };
  execFileSync('npm', ['run', '--silent', 'install'], {
    cwd: copy,
    env: { ...process.env, ...cross },
    stdio: 'inherit',
  });
  cpSync(path.join(copy, 'build/Release/addon.node'), path.join(getPrebuilt(folder, 'arm64'), 'addon.node'));
}

function getPrebuilt(folder, arch) {
  return path.join(folder, 'prebuilds', `${process.platform}-${arch}-abi${process.versions.modules}`);
}

function addLabs(folder) {
  cpSync(path.join(root, 'labs'), path.join(folder, 'labs'), {
    recursive: true,
    filter: (from) => !['.staff', 'node_modules'].includes(path.basename(from)),
  });
  // What it says of a lab comes along, though what it was found by does not.
  for (const id of readdirSync(path.join(root, 'labs'))) {
    const certificate = path.join(root, 'labs', id, '.staff/certificate.json');
    if (existsSync(certificate)) cpSync(certificate, path.join(folder, 'labs', id, 'certificate.json'));
  }
  cpSync(path.join(root, 'docs/lab.schema.json'), path.join(folder, 'kit/lab.schema.json'));
}
