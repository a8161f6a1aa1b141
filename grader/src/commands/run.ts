import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSubmission, removeBuild } from '@ipclab/harness';
import { UsageError } from './render-problem.js';

/** fork() needs a process of one thread (node-fork notes). */
const NODE_FLAGS = ['--single-threaded', '--v8-pool-size=0', '--enable-source-maps'];

/** Runs a program with our own terminal; answers its exit status, or 128 + the signal that ended it. */
export async function run(file: string, args: readonly string[]): Promise<number> {
  if (!/\.[cm]?ts$/.test(file)) return await runCommand(file, args);
  if (!existsSync(file)) throw new UsageError(`Expected a TypeScript file at ${file}, found none.`);
  const folder = path.dirname(path.resolve(file));
  const build = await buildSubmission(folder, { program: { entry: path.basename(file) } });
  try {
    for (const { severity, file: where, line, column, message, excerpt } of build.diagnostics)
      process.stderr.write(
        `${path.join(path.dirname(file), where)}:${line}:${column} ${severity}: ${message}\n${excerpt ? `${excerpt}\n` : ''}`,
      );
    const [bundle] = build.bundles;
    // A type error does not keep a program from running; to see what it does may be just what helps.
    if (!bundle) return 2;
    const start = fileURLToPath(import.meta.resolve('./run-bundle.js'));
    return await runCommand(process.execPath, [...NODE_FLAGS, start, bundle.path, bundle.mapPath, ...args]);
  } finally {
    removeBuild(build);
  }
}

async function runCommand(command: string, args: readonly string[]): Promise<number> {
  const { NODE_OPTIONS: _options, NODE_EXTRA_CA_CERTS: _certificates, ...env } = process.env;
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', env });
    // Ctrl-C reaches the program too, which decides what it means; other signals are handed on.
    const ignore = (): void => {};
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', ignore);
    for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
    child.on('error', (error: NodeJS.ErrnoException) =>
      reject(
        new UsageError(`Expected a TypeScript file or a command that can be run, got ${command} (${error.code}).`),
      ),
    );
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore);
      for (const name of ['SIGTERM', 'SIGHUP'] as const) process.off(name, forward);
      resolve(code ?? 128 + constants.signals[signal!]);
    });
  });
}
