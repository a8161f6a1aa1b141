// Makes the three packages, as students install them: with binaries for this machine's kind, and the labs without what is for staff.
//   node scripts/pack.mjs <folder>
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [target] = process.argv.slice(2);
if (!target) throw new Error('Expected a folder: node scripts/pack.mjs <folder>');
mkdirSync(target, { recursive: true });
const staging = mkdtempSync(path.join(tmpdir(), 'ipclab-pack-'));
const BINARIES = ['addon.node', 'supervisor.node', 'userns-exec', 'exec-zygote', 'compact-heap.node'];

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
  const prebuilt = path.join(folder, 'prebuilds', `${process.platform}-${process.arch}-abi${process.versions.modules}`);
  for (const file of BINARIES) cpSync(path.join(root, 'native/build/Release', file), path.join(prebuilt, file));
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
