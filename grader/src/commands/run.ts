import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { bundleProgram, NODE_FLAGS } from './bundle-program.js';
import { UsageError } from './render-problem.js';

/** Runs a program with our own terminal; answers its exit status, or 128 + the signal that ended it. */
export async function run(
  file: string,
  args: readonly string[],
  { inspectBrk = false }: { inspectBrk?: boolean } = {},
): Promise<number> {
  if (!/\.[cm]?ts$/.test(file)) return await runCommand(file, args);
  if (!existsSync(file)) throw new UsageError(`Expected a TypeScript file at ${file}, found none.`);
  const { createTemporaryFolder, removeTemporaryFolder } = await import('@ipclab/harness');
  const folder = createTemporaryFolder('program');
  try {
    const bundle = path.join(folder, `${path.basename(file).replace(/\.[cm]?ts$/, '')}.mjs`);
    if (!(await bundleProgram(file, bundle))) return 2;
    return await runCommand(process.execPath, [
      ...NODE_FLAGS,
      ...(inspectBrk ? ['--inspect-brk'] : []),
      bundle,
      ...args,
    ]);
  } finally {
    removeTemporaryFolder(folder);
  }
}

/** Runs a command with our own terminal; answers its exit status, or 128 + the signal that ended it. */
export async function runCommand(command: string, args: readonly string[]): Promise<number> {
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env;
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', leaveToChild);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        new UsageError(`Expected a TypeScript file or a command that can be run, got ${command} (${error.code}).`),
      ),
    );
    child.on('close', (code, signal) => {
      process.off('SIGINT', leaveToChild);
      for (const name of ['SIGTERM', 'SIGHUP'] as const) process.off(name, forward);
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}

// Ctrl-C reaches the program too, which decides what it means.
function leaveToChild(): void {}
