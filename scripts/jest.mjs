// Runs jest with the flag that ES modules need, in an environment without what slows Node's start or changes its meaning.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...env } = process.env;
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
const { status, signal } = spawnSync(
  process.execPath,
  ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', jest, ...process.argv.slice(2)],
  { stdio: 'inherit', env },
);
if (signal) console.error(`jest was ended by ${signal}`);
process.exit(signal ? 2 : (status ?? 2));
