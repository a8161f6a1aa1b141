import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Elsewhere where scripts/arm64.mjs tries another build of the addon, with a Node of its kind.
const { IPCLAB_ADDON_PROGRAMS: FOLDER = join(process.cwd(), 'native/test/addon/programs'), IPCLAB_ADDON_NODE } =
  process.env;
const FORKABLE = ['--single-threaded', '--v8-pool-size=0'];

/** Numbers of the calls that a program of ours may be found waiting in (syscalls(2)). */
const CALLS: Record<string, Record<string, number[]>> = {
  x64: {
    msgsnd: [69],
    msgrcv: [70],
    pause: [34, 271],
    sigsuspend: [130],
    wait4: [61],
    semop: [220],
    epoll: [232, 281],
  },
  arm64: { msgsnd: [189], msgrcv: [188], pause: [73], sigsuspend: [133], wait4: [260], semop: [192], epoll: [22] },
};

export interface Ending {
  /** One entry a line; a line that is JSON is parsed. */
  output: unknown[];
  errors: string;
  code: number | null;
  signal: string | null;
}

export interface Program {
  pid: number;
  /** Resolves when the main thread sleeps in that call. Looks, again and again; does not guess a time. */
  waitsIn(call: string): Promise<void>;
  /** Resolves when the program has printed that, and gives what the pattern caught. */
  prints(pattern: RegExp): Promise<string[]>;
  kill(signal: NodeJS.Signals): void;
  ending: Promise<Ending>;
}

const running = new Set<ChildProcess>();
// A test that fails half-way leaves no process.
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts `programs/<file>.mjs` with the name of one of its cases. */
export function startProgram(file: string, name: string, flags = FORKABLE): Program {
  const {
    NODE_EXTRA_CA_CERTS: _certificates,
    NODE_OPTIONS: _options,
    NODE_V8_COVERAGE: _coverage,
    ...env
  } = process.env;
  const child = spawn(IPCLAB_ADDON_NODE ?? process.execPath, [...flags, join(FOLDER, `${file}.mjs`), name], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  let ended = false;
  const ending = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject);
    // Not 'exit': a forked child may still have the pipe, and then belongs to what is tested.
    child.on('close', (code, signal) => {
      ended = true;
      resolve({ output: output.split('\n').filter(Boolean).map(parseLine), errors, code, signal });
    });
  });
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    while (!holds()) {
      if (ended) throw new Error(`Expected ${file}/${name} to come to ${what}, but it ended: ${output}${errors}`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const pid = child.pid!;
  running.add(child);
  child.on('close', () => running.delete(child));
  return {
    pid,
    waitsIn: (call) => until(call, () => isWaitingIn(pid, CALLS[process.arch]?.[call] ?? [])),
    prints: async (pattern) => {
      await until(String(pattern), () => pattern.test(output));
      return [...pattern.exec(output)!].slice(1);
    },
    kill: (signal) => child.kill(signal),
    ending,
  };
}

/** Runs a case to its end. */
export function runProgram(file: string, name: string, flags = FORKABLE): Promise<Ending> {
  return startProgram(file, name, flags).ending;
}

function isWaitingIn(pid: number, numbers: number[]): boolean {
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0];
    const call = readFileSync(`/proc/${pid}/syscall`, 'utf8').split(' ')[0]!;
    return state === 'S' && numbers.includes(Number(call));
  } catch {
    return false;
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return line;
  }
}
