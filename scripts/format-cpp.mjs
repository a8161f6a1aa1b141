// Formats (or with --check only checks) every C and C++ source of ours with clang-format.
import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const files = execFileSync(
  'git',
  ['ls-files', '-co', '--exclude-standard', 'native/**/*.cc', 'native/**/*.h', 'native/**/*.c'],
  { encoding: 'utf8' },
)
  .split('\n')
  .filter(Boolean);
const binary = createRequire(import.meta.url).resolve('clang-format/bin/linux_x64/clang-format');
const flags = process.argv.includes('--check') ? ['--dry-run', '--Werror'] : ['-i'];
const { status } = files.length === 0 ? { status: 0 } : spawnSync(binary, [...flags, ...files], { stdio: 'inherit' });
process.exit(status ?? 2);
