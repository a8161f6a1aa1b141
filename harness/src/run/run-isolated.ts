import { STUDENT_ID } from '../sandbox/student.js';
import { runTool, type ToolOptions, type ToolResult } from './spawn.js';

/**
 * Runs a tool that reads or runs what a student has made: in namespaces of its own, with no network, and nothing that it started outlives
 * it. As root it runs as the student's user; otherwise with the rights of whoever runs us.
 */
export async function runIsolated(command: readonly string[], options: ToolOptions): Promise<ToolResult> {
  const isRoot = process.geteuid?.() === 0;
  const isolation = isRoot ? [] : ['--user', '--map-current-user'];
  const user = isRoot
    ? ['setpriv', `--reuid=${STUDENT_ID}`, `--regid=${STUDENT_ID}`, '--clear-groups', '--no-new-privs', '--']
    : [];
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount-proc', '--net', '--ipc', '--'];
  return await runTool('unshare', [...isolation, ...namespaces, ...user, ...command], options);
}
