// What `npm install` runs: takes the binaries that were built for this kind of machine, if the package has any that load; else builds them.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';

const here = import.meta.dirname;
// The addon uses more of Node than its stable interface, so its binary fits one ABI.
const name = `${process.platform}-${process.arch}-abi${process.versions.modules}`;
const prebuilt = path.join(here, 'prebuilds', name);

// On some kinds of machine there is no supervisor.
const modules = existsSync(prebuilt)
  ? readdirSync(prebuilt).filter((file) => /^(?:addon|supervisor)\.node$/.test(file))
  : [];

if (modules.length > 0 && modules.every((file) => canLoad(path.join(prebuilt, file)))) {
  const folder = path.join(here, 'build/Release');
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(prebuilt)) copyFileSync(path.join(prebuilt, file), path.join(folder, file));
} else {
  const { status } = spawnSync('node-gyp', ['rebuild', '--silent'], { cwd: here, stdio: 'inherit' });
  process.exitCode = status ?? 1;
}

/** In a process of its own: a library that does not fit may end it. */
function canLoad(file) {
  return spawnSync(process.execPath, ['-e', 'require(process.argv[1])', file], { stdio: 'ignore' }).status === 0;
}
