import { checkInteger } from './check.js';
import { createWorkerError, SystemError } from './errors.js';
import { addon, exchange, NUMBER } from './load-addon.js';
import { rejectInherited } from './operations.js';
import { forgetParentsSignals, mustCallAgain, runHandlers } from './safe-points.js';
import { getSignalName } from './signal-names.js';
import { WEXITSTATUS, WIFEXITED, WIFSIGNALED, WTERMSIG } from './wait-status.js';

/** What waitpid found. */
export interface WaitResult {
  /** The child; 0 with WNOHANG when none has changed. */
  pid: number;
  /** As C's `status`; see `WIFEXITED(status)` and its kin. */
  status: number;
  /** Exit code; null if it did not end by itself. */
  code: number | null;
  /** Name of the signal that ended it, or null. */
  signal: string | null;
}

const singleThreaded = addon.isMainThread && process.execArgv.some((flag) => /^--single[-_]threaded$/.test(flag));
if (singleThreaded) addon.prepareFork(emitBeforeExit, exit);

/**
 * Makes a second process that goes on from here with a copy of the whole memory: the JavaScript heap, timers that are set, handlers,
 * open files. Both go on as Node programs; signals, alarms and pending `promises.*` calls are not the child's.
 *
 * Standard output that waits in the stream is written by both; Math.random() goes on with the same numbers in both. Operations of Node's
 * thread pool (fs, crypto, dns) that are under way are waited for, 200 ms at most; later ones never settle in the child (a warning says so).
 *
 * Needs Node's flags `--single-threaded --v8-pool-size=0`, which `ipclab run` gives.
 *
 * @returns 0 in the child, the child's pid in the parent
 * @throws SystemError EAGAIN (too many processes), ENOMEM. fork(2)
 */
export function fork(): number {
  if (!addon.isMainThread) throw createWorkerError('fork', 'the child would have no main thread');
  if (!singleThreaded) {
    const script = process.argv[1] === undefined ? 'program.js' : process.argv[1].replace(/^.*\//, '');
    throw Object.assign(
      new Error(
        'Expected Node to be started with --single-threaded --v8-pool-size=0, because a forked child cannot have the helper threads ' +
          `that V8 uses otherwise. Start the program by \`ipclab run\`, or by \`node --single-threaded --v8-pool-size=0 ${script}\`.`,
      ),
      { code: 'ERR_IPCLAB_NOT_SINGLE_THREADED', syscall: 'fork' },
    );
  }
  runHandlers();
  const pid = addon.fork();
  if (pid < 0) throw new SystemError('fork', -pid);
  if (pid === 0) {
    forgetParentsSignals();
    // Node keeps the number that it read at its start; process.ppid is asked each time.
    Object.defineProperty(process, 'pid', {
      value: addon.getpid(),
      enumerable: true,
      configurable: true,
      writable: false,
    });
    rejectInherited();
    return 0;
  }
  const running = exchange.numbers[NUMBER]!;
  if (running > 0) {
    process.emitWarning(
      `fork() with ${running} asynchronous operation(s) of Node running: the child will never see them finish`,
    );
  }
  runHandlers();
  return pid;
}

function emitBeforeExit(): void {
  process.emit('beforeExit', Number(process.exitCode ?? 0));
}

function exit(): void {
  process.exit();
}

/**
 * Waits for a child to end, and takes its status so that it is no zombie any more.
 *
 * @param pid a child; −1: any child; 0: any of the same process group; −n: any of group n
 * @param options `WNOHANG`: do not block, return pid 0; `WUNTRACED`, `WCONTINUED`: stopped and continued children too
 * @throws SystemError ECHILD (no such child), EINTR (after a handler installed without SA_RESTART ran). waitpid(2)
 */
export function waitpid(pid: number, options = 0): WaitResult {
  checkInteger('pid', pid);
  checkInteger('options', options);
  let found;
  do found = addon.waitpid(pid, options);
  while (found < 0 && mustCallAgain(found));
  if (found < 0) throw new SystemError('waitpid', -found, { pid, options });
  const status = found === 0 ? 0 : exchange.numbers[NUMBER]!;
  runHandlers();
  return {
    pid: found,
    status,
    code: found !== 0 && WIFEXITED(status) ? WEXITSTATUS(status) : null,
    signal: found !== 0 && WIFSIGNALED(status) ? getSignalName(WTERMSIG(status)) : null,
  };
}

/**
 * Ends the process at once: no 'exit' event, nothing flushed. A forked child that must not do its parent's cleaning up ends so.
 *
 * @param code exit code; the low 8 bits count. _exit(2)
 */
export function _exit(code: number): never {
  checkInteger('code', code);
  return addon.exitNow(code);
}

/** The id of this process. getpid(2) */
export function getpid(): number {
  return addon.getpid();
}

/** The id of the parent; of the reaper (1, say) if the parent is gone. getppid(2) */
export function getppid(): number {
  return addon.getppid();
}
