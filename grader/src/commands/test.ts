import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';

/** Runs the jest of the folder that we are in, with the flag that ES modules need; answers its exit status. */
export async function test(args: readonly string[]): Promise<number> {
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env;
  const jest = createRequire(path.resolve('package.json')).resolve('jest/bin/jest');
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  return await new Promise((resolve, reject) => {
    // jest ends its work at Ctrl-C, which reaches it too.
    const ignore = (): void => {};
    process.on('SIGINT', ignore);
    spawn(process.execPath, [...flags, jest, ...args], { stdio: 'inherit', env })
      .on('error', reject)
      .on('close', (code) => {
        process.off('SIGINT', ignore);
        resolve(code ?? 130);
      });
  });
}
