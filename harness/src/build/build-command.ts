import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { runIsolated } from '../run/run-isolated.js';
import type { Diagnostic } from './build.js';

const TIMEOUT_MS = 60_000;
const MAX_MESSAGE_CHARACTERS = 4000;

/**
 * Runs the command that makes a role's executable, such as `make`, in the copy of the submission. What it runs is the
 * student's (a Makefile).
 */
export async function runBuildCommand(command: string, source: string): Promise<Diagnostic[]> {
  const { exitCode, timedOut, stdout, stderr } = await runIsolated(['sh', '-c', command], {
    cwd: source,
    timeoutMs: TIMEOUT_MS,
    env: { HOME: source },
  });
  if (exitCode === 0) return [];
  const how = timedOut ? `took longer than ${TIMEOUT_MS / 1000} s` : `ended with exit code ${exitCode ?? 'none'}`;
  const said = `${stdout}${stderr}`.trim().slice(-MAX_MESSAGE_CHARACTERS);
  return [createCommandDiagnostic(command, `Expected \`${command}\` to build the program; it ${how}`, said)];
}

/** Says whether the executable is there. */
export async function checkExecutable(command: string, source: string): Promise<Diagnostic[]> {
  try {
    await access(path.join(source, command), constants.X_OK);
    return [];
  } catch {
    return [
      {
        ...createCommandDiagnostic(command, `Expected the executable ${command}, found none`, ''),
        kind: 'missing-file',
      },
    ];
  }
}

function createCommandDiagnostic(command: string, message: string, excerpt: string): Diagnostic {
  return { kind: 'command', severity: 'error', file: command, line: 0, column: 0, message, excerpt };
}
