import { createRequire } from 'node:module';
import path from 'node:path';
import { runCommand } from './run.js';

const FLAGS = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];

/** Runs the jest of the folder that we are in, with the flag that ES modules need; answers its exit status. */
export async function test(args: readonly string[]): Promise<number> {
  const jest = createRequire(path.resolve('package.json')).resolve('jest/bin/jest');
  return await runCommand(process.execPath, [...FLAGS, jest, ...args]);
}
