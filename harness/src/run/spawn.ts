import type { Options } from 'execa';

/** How a tool (a bundler, a compiler, make) ended. */
export interface ToolResult {
  /** Undefined if a signal ended it, or it could not be started. */
  exitCode: number | undefined;
  timedOut: boolean;
  stdout: string;
  stderr: string;
}

export interface ToolOptions {
  cwd: string;
  timeoutMs: number;
  /** Ends it early. */
  abort?: AbortSignal;
  env?: Record<string, string>;
  /** Called when it is to end early, besides SIGTERM, again and again until it has ended. */
  stop?: (pid: number) => void;
}

// Nothing of our own environment reaches a child: NODE_OPTIONS changes what it does, NODE_EXTRA_CA_CERTS makes each start of
// Node 20 twice as long, and a grader's tokens are not for students.
const ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };
const MAX_OUTPUT_CHARACTERS = 1_000_000;
const MAX_LAST_WORDS = 2000;
const KILL_AFTER_MS = 5000;
const STOP_EVERY_MS = 10;

// Its way to end children with us is to listen for signals, which sandbox/temporary.ts does already; and kill -9 needs another.
const ISOLATED = {
  cleanup: false,
  extendEnv: false,
  stripFinalNewline: false,
  reject: false,
} as const satisfies Options;

// When this process ends, however it ends, the kernel ends the tool (PR_SET_PDEATHSIG(2const)).
const WITH_US = ['--pdeathsig', 'KILL', '--'];

// execa takes 0.1 s to load; who only reads a result does not pay for it.
const loadExeca = async () => await import('execa');

/** Runs a tool to its end, in an environment of its own. Does not throw because the tool failed. */
export async function runTool(
  file: string,
  args: readonly string[],
  { cwd, timeoutMs, env, abort, stop }: ToolOptions,
): Promise<ToolResult> {
  const { execa } = await loadExeca();
  const child = execa('setpriv', [...WITH_US, file, ...args], {
    ...ISOLATED,
    cwd,
    env: { ...ENVIRONMENT, ...env },
    timeout: timeoutMs,
    ...(abort ? { cancelSignal: abort } : {}),
    forceKillAfterDelay: KILL_AFTER_MS,
    stdin: 'ignore',
    maxBuffer: MAX_OUTPUT_CHARACTERS,
  });
  const endStopping = stop ? stopEarly(child, stop, timeoutMs, abort) : undefined;
  const { exitCode, timedOut, isCanceled, stdout, stderr, code } = await child;
  endStopping?.();
  if (timedOut || isCanceled) return { exitCode: undefined, timedOut, stdout, stderr };
  return { exitCode, timedOut, stdout, stderr: stderr || (exitCode === undefined && code ? code : '') };
}

function stopEarly(
  child: { pid?: number | undefined; exitCode: number | null; signalCode: string | null },
  stop: (pid: number) => void,
  timeoutMs: number,
  abort: AbortSignal | undefined,
): () => void {
  let again: NodeJS.Timeout | undefined;
  const begin = (): void => {
    again ??= setInterval(() => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) stop(child.pid);
    }, STOP_EVERY_MS);
  };
  const timer = setTimeout(begin, timeoutMs);
  if (abort?.aborted) begin();
  abort?.addEventListener('abort', begin);
  return () => {
    clearTimeout(timer);
    clearInterval(again);
    abort?.removeEventListener('abort', begin);
  };
}

export interface EngineProcess {
  readonly pid: number;
  send(message: object): void;
  onMessage(receive: (message: unknown) => void): void;
  /** Settles when it is gone; says how, in words. */
  readonly ended: Promise<string>;
  /** Closes the channel, at which the engine ends by itself. */
  disconnect(): void;
  kill(): void;
}

/** Starts an engine: a Node program that speaks over an IPC channel, with structured clones. */
export async function spawnEngine(command: readonly [string, ...string[]]): Promise<EngineProcess> {
  const { execa } = await loadExeca();
  const [file, ...args] = command;
  const child = execa(file, args, {
    ...ISOLATED,
    env: ENVIRONMENT,
    ipc: true,
    serialization: 'advanced',
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'pipe',
    maxBuffer: { stderr: MAX_OUTPUT_CHARACTERS },
    // The answers are read below as they come, and not kept.
    buffer: { ipc: false },
  });
  const ended = describeEnd(child);
  if (child.pid === undefined) throw new Error(await ended);
  return {
    pid: child.pid,
    send: (message) => void child.send?.(message, () => {}),
    onMessage: (receive) => void child.on('message', receive),
    ended,
    disconnect: () => {
      if (child.connected) child.disconnect?.();
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

type Ended = {
  exitCode?: number | undefined;
  signal?: string | undefined;
  stderr: string;
  originalMessage?: string | undefined;
};

async function describeEnd(child: PromiseLike<Ended>): Promise<string> {
  const { exitCode, signal, stderr, originalMessage } = await child;
  const said = stderr.trim().slice(-MAX_LAST_WORDS);
  const how = signal
    ? `It was ended by ${signal}`
    : exitCode === undefined
      ? `${originalMessage}`
      : `It ended with exit code ${exitCode}`;
  return said ? `${how}, and said:\n${said}` : `${how}.`;
}
