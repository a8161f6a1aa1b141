import { checkInteger, describe } from './check.js';
import { SA_RESTART, SIG_BLOCK, SIG_DFL, SIG_IGN, SIG_SETMASK, SIG_UNBLOCK } from './constants.js';
import { createWorkerError, SystemError } from './errors.js';
import { addon, exchange, EXACT, NUMBER } from './load-addon.js';
import { heldSignals, installed, mustCallAgain, onMaskChange, runHandlers, waitingSignals } from './safe-points.js';
import { checkSet, SigSet, sigemptyset } from './signal-set.js';
import { parseSignal, type SignalName } from './signal-names.js';

/** Called with the number of the signal, at a safe point. */
export type SignalHandler = (signal: number) => void;
export type Disposition = SignalHandler | typeof SIG_DFL | typeof SIG_IGN;

export interface SignalAction {
  handler: Disposition;
  /** Signals that wait while the handler runs, beside its own. Default: none. */
  mask?: SigSet;
  /** `SA_RESTART`, `SA_NODEFER`, `SA_RESETHAND`, `SA_NOCLDSTOP`, `SA_NOCLDWAIT`. Default: 0. */
  flags?: number;
}

const IGNORE = 1;
const HANDLER = 2;

/**
 * Says what a signal shall do from now on, and returns what it did before; with one argument it only returns that.
 *
 * A handler is called at a safe point: by the time the interrupted call of this package throws EINTR, in the next call, or from the
 * event loop; what it throws comes out of that call. Node's `process.on('SIGTERM')` uses the same place in the kernel: the one that
 * came last counts. A handler of Node's is returned as `SIG_DFL`.
 *
 * @throws SystemError EINVAL for SIGKILL, SIGSTOP and what is no signal. sigaction(2)
 */
export function sigaction(sig: number | SignalName, action?: SignalAction): Required<SignalAction> {
  return install('sigaction', sig, action);
}

/**
 * Says what a signal shall do from now on: call a function, `SIG_IGN` or `SIG_DFL`. Returns what it did before.
 * As sigaction() with SA_RESTART, which is what C's signal() means on Linux; msgsnd and msgrcv are interrupted all the same.
 *
 * @throws SystemError EINVAL for SIGKILL, SIGSTOP and what is no signal. signal(2)
 */
export function signal(sig: number | SignalName, handler: Disposition): Disposition {
  return install('signal', sig, { handler, flags: SA_RESTART }).handler;
}

function install(syscall: string, sig: number | SignalName, action: SignalAction | undefined): Required<SignalAction> {
  checkMainThread(syscall, 'signals are delivered to the process');
  const number = parseSignal(sig);
  const {
    handler,
    mask = sigemptyset(),
    flags = 0,
  } = action === undefined ? { handler: undefined } : checkAction(action);
  runHandlers();
  const before = installed.get(number);
  const [low, high] = mask.toWords();
  const disposition =
    typeof handler === 'function' ? HANDLER : handler === SIG_IGN ? IGNORE : handler === SIG_DFL ? 0 : -1;
  // First the table: the signal may come as soon as the kernel knows.
  if (typeof handler === 'function') installed.set(number, { handler, mask, flags });
  const old = addon.sigaction(number, disposition, low, high, flags | 0);
  if (old < 0) {
    if (before) installed.set(number, before);
    else installed.delete(number);
    throw new SystemError(syscall, -old, { signal: sig });
  }
  if (handler === SIG_DFL || handler === SIG_IGN) installed.delete(number);
  const was: Required<SignalAction> = {
    handler: old === HANDLER && before ? before.handler : old === IGNORE ? SIG_IGN : SIG_DFL,
    mask: answeredSet(),
    flags: exchange.numbers[NUMBER]! >>> 0,
  };
  runHandlers();
  return was;
}

function checkAction(action: SignalAction): SignalAction {
  if (typeof action !== 'object' || action === null) {
    throw new TypeError(`Expected action to be an object such as { handler: onTerm }, got ${describe(action)}`);
  }
  const { handler, mask, flags } = action;
  if (typeof handler !== 'function' && handler !== SIG_DFL && handler !== SIG_IGN) {
    throw new TypeError(`Expected handler to be a function, SIG_DFL or SIG_IGN, got ${describe(handler)}`);
  }
  if (mask !== undefined) checkSet('mask', mask);
  // SA_RESETHAND is C's sign bit, so that a sum of flags may be negative.
  if (flags !== undefined) checkInteger('flags', flags, -(2 ** 31), 2 ** 32 - 1);
  return action;
}

/**
 * Blocks or unblocks signals, and returns the set that was blocked before. A blocked signal waits (is *pending*) until it is unblocked.
 * With one argument (any) nothing changes. What a handler changes is undone when it returns, as in C.
 *
 * @param how `SIG_BLOCK` adds the set, `SIG_UNBLOCK` takes it away, `SIG_SETMASK` replaces
 * @throws SystemError EINVAL. sigprocmask(2)
 */
export function sigprocmask(how: number, set?: SigSet): SigSet {
  checkMainThread('sigprocmask', 'each thread has a mask of its own, and signals come to the process');
  checkInteger('how', how);
  const given = set === undefined ? undefined : checkSet('set', set);
  runHandlers();
  const [low, high] = given?.toWords() ?? [0, 0];
  const result = addon.sigprocmask(given ? how : -1, low, high);
  if (result < 0) throw new SystemError('sigprocmask', -result, { how: HOW[how] ?? how });
  const old = answeredSet();
  if (given) onMaskChange(() => addon.sigprocmask(SIG_SETMASK, ...old.toWords()));
  const seen = SigSet.fromWords(...old.toWords());
  for (const number of heldSignals()) seen.signals.add(number);
  // What was pending and is unblocked now is delivered before the call returns.
  runHandlers();
  return seen;
}

const HOW: Record<number, string> = {
  [SIG_BLOCK]: 'SIG_BLOCK',
  [SIG_UNBLOCK]: 'SIG_UNBLOCK',
  [SIG_SETMASK]: 'SIG_SETMASK',
};

/** Signals that have come and are blocked. sigpending(2) */
export function sigpending(): SigSet {
  checkMainThread('sigpending', 'signals come to the process');
  runHandlers();
  const result = addon.sigpending();
  if (result < 0) throw new SystemError('sigpending', -result);
  const set = answeredSet();
  for (const number of waitingSignals()) set.signals.add(number);
  return set;
}

/**
 * Replaces the signal mask by `set`, waits until a handler has run, and puts the old mask back: unblocking and waiting in one step,
 * so that a signal cannot slip in between. Always returns −1, as in C, where it means EINTR. sigsuspend(2)
 */
export function sigsuspend(set: SigSet): -1 {
  checkMainThread('sigsuspend', 'signals come to the process');
  const [low, high] = checkSet('set', set).toWords();
  while (mustCallAgain(addon.sigsuspend(low, high)));
  return -1;
}

/** Waits until a handler has run. Always returns −1, as in C, where it means EINTR. A signal that came before is not waited for. pause(2) */
export function pause(): -1 {
  checkMainThread('pause', 'signals come to the process');
  while (mustCallAgain(addon.pause()));
  return -1;
}

/**
 * Asks for SIGALRM after so many seconds; 0 takes the request back. A forked child does not inherit it.
 *
 * @returns seconds that were left of the previous request; 0 if there was none. alarm(2)
 */
export function alarm(seconds: number): number {
  checkMainThread('alarm', 'SIGALRM comes to the process');
  checkInteger('seconds', seconds, 0, 2 ** 32 - 1);
  runHandlers();
  return addon.alarm(seconds);
}

/**
 * Sends a signal. It may be to the process itself: then its handler has run when the call returns, unless the signal is blocked.
 *
 * @param pid a process; 0: every process of the group; −1: all that one may; −n: group n
 * @param sig number or name; 0 sends nothing but finds out whether the process exists and may be sent to
 * @throws SystemError ESRCH (no such process), EPERM, EINVAL (no such signal). kill(2)
 */
export function kill(pid: number, sig: number | SignalName): void {
  checkInteger('pid', pid);
  const number = parseSignal(sig);
  runHandlers();
  const result = addon.kill(pid, number);
  runHandlers();
  if (result < 0) throw new SystemError('kill', -result, { pid, signal: sig });
}

/**
 * Sends a signal to the process itself. Its handler has run when the call returns, unless the signal is blocked.
 *
 * @throws SystemError EINVAL (no such signal). raise(3)
 */
export function raise(sig: number | SignalName): void {
  checkMainThread('raise', 'the signal would come to the thread');
  const number = parseSignal(sig);
  runHandlers();
  const result = addon.raise(number);
  runHandlers();
  if (result < 0) throw new SystemError('raise', -result, { signal: sig });
}

function answeredSet(): SigSet {
  return SigSet.fromWords(exchange.integers[2 * EXACT]!, exchange.integers[2 * EXACT + 1]!);
}

function checkMainThread(syscall: string, why: string): void {
  if (!addon.isMainThread) throw createWorkerError(syscall, why);
}
