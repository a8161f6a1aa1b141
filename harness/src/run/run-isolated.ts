import { isRoot } from '../sandbox/rights.js';
import { STUDENT_ID } from '../sandbox/student.js';
import { runTool, type ToolOptions, type ToolResult } from './spawn.js';

/**
 * Runs a tool that reads or runs what a student has made: in namespaces of its own, with no network, and nothing that it started outlives
 * it. As root it runs as the student's user; otherwise with the rights of whoever runs us.
 */
export async function runIsolated(command: readonly string[], options: ToolOptions): Promise<ToolResult> {
  const user = isRoot()
    ? ['setpriv', `--reuid=${STUDENT_ID}`, `--regid=${STUDENT_ID}`, '--clear-groups', '--no-new-privs', '--']
    : [];
  return await unshare(['--map-current-user'], [...user, ...command], options);
}

/** The same as root of these namespaces and with our own rights outside, for what an instructor has made. */
export async function runInNamespaces(command: readonly string[], options: ToolOptions): Promise<ToolResult> {
  return await unshare(['--map-root-user'], command, options);
}

async function unshare(mapping: string[], command: readonly string[], options: ToolOptions): Promise<ToolResult> {
  const isolation = isRoot() ? [] : ['--user', ...mapping];
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount-proc', '--net', '--ipc', '--'];
  return await runTool('unshare', [...isolation, ...namespaces, ...command], options);
}
