import { access, constants, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../fault.js';
import { CONFINE, runInNamespaces } from '../run/run-confined.js';
import type { Diagnostic } from './build.js';

const TIMEOUT_MS = 60_000;
const MAX_MESSAGE_CHARACTERS = 4000;

const OURS = 125;
// In namespaces in which we are root. The command works in a file system of its own at the place of the copy, which is too small to fill
// a disk; what it has made is written back by nobody but the student's user, who may read it and write there.
const SCRIPT = `
source=$1 kept=$2 confine=$3 limits=$4 command=$5
{ mount --bind "$source" "$kept" && mount -t tmpfs -o "$limits" build "$source" &&
  cp -RPp "$kept/." "$source/" && "$confine" "$source" -- true; } || exit ${OURS}
"$confine" "$source" /opt -- sh -c "$command"
status=$?
[ $status -ne ${OURS} ] || status=1
[ $status -eq 0 ] || exit $status
"$confine" "$kept" "$source" -- cp -RP "$source/." . || exit ${OURS}
`;
const LIMITS = 'size=256m,nr_inodes=20k,mode=755';

/**
 * Runs the command that makes a role's executable, such as `make`, in the copy of the submission. What it runs is the
 * student's (a Makefile): it may write there only, and read there and where programs are; not what others have handed in.
 */
export async function runBuildCommand(command: string, source: string): Promise<Diagnostic[]> {
  const kept = path.join(path.dirname(source), 'kept');
  await mkdir(kept, { recursive: true });
  const { exitCode, timedOut, stdout, stderr } = await runInNamespaces(
    ['sh', '-c', SCRIPT, 'build', source, kept, CONFINE, LIMITS, command],
    { cwd: source, timeoutMs: TIMEOUT_MS, env: { HOME: source, TMPDIR: source } },
  );
  if (exitCode === 0) return [];
  if (exitCode === OURS) throw new Fault('build-tool', `Expected a place to run \`${command}\` in: ${stderr.trim()}`);
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
