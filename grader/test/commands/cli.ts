import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const CLI = fileURLToPath(new URL('../../bin/ipclab.js', import.meta.url));

const { FORCE_COLOR: _color, NODE_OPTIONS: _options, ...ENVIRONMENT } = process.env;

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the built command line to its end. */
export function runCli(args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Ended {
  const { cwd = ROOT, env = {} } = options;
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    cwd,
    encoding: 'utf8',
    env: { ...ENVIRONMENT, ...env },
  });
  return { code: status, stdout, stderr };
}

/** Starts it; for what happens while it runs. */
export function startCli(
  args: readonly string[],
  isRead = true,
): {
  pid: number;
  kill: (signal: NodeJS.Signals) => void;
  ended: Promise<Ended>;
} {
  const child = spawn(process.execPath, [CLI, ...args], { cwd: ROOT, env: ENVIRONMENT });
  if (!isRead) child.stdout.destroy();
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { pid: child.pid ?? 0, kill: (signal) => void child.kill(signal), ended };
}
