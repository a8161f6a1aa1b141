import { readFileSync } from 'node:fs';
import { isRoot } from '../sandbox/rights.js';
import { getNativePath } from '../native-package.js';
import { runTool, type ToolOptions, type ToolResult } from './spawn.js';

/** See native/supervisor/confine. */
export const CONFINE = getNativePath('build/Release/confine');
// It wants to end by the SIGKILL that ended what it waited for, and to unblock that first.
const LAST_WORDS = /unshare: sigprocmask unblock failed: .*\n$/;

/**
 * Runs a tool that reads or runs what a student has made: in namespaces of its own, as the student's user, with no network, and nothing
 * that it started outlives it. It may write in `cwd` only.
 */
export async function runConfined(command: readonly string[], options: ToolOptions): Promise<ToolResult> {
  // The first process of the namespaces stays root: with a change of user it would not end with unshare (PR_SET_PDEATHSIG(2const)).
  return await runInNamespaces(['unshare', '--fork', '--', CONFINE, options.cwd, '--', ...command], options);
}

/** In such namespaces as root of them, and with our own rights outside: what an instructor has made. */
export async function runInNamespaces(command: readonly string[], options: ToolOptions): Promise<ToolResult> {
  const isolation = isRoot() ? [] : ['--user', '--map-root-user'];
  const namespaces = ['--pid', '--fork', '--kill-child', '--mount-proc', '--net', '--ipc', '--'];
  const args = [...isolation, ...namespaces, ...command];
  const result = await runTool('unshare', args, { ...options, stop: killForked });
  return { ...result, stderr: result.stderr.replace(LAST_WORDS, '') };
}

/**
 * Ends the first process of the namespaces. unshare(1) waits for it, and the kernel lets it go only when all others in there are gone; were
 * unshare killed, they would end some time later.
 */
function killForked(pid: number): void {
  try {
    const forked = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (forked !== '') process.kill(Number(forked), 'SIGKILL');
  } catch {
    // it has ended meanwhile, or a kernel without CONFIG_PROC_CHILDREN: then unshare is killed
  }
}
