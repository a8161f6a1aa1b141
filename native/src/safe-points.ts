/**
 * Where JavaScript signal handlers run.
 *
 * The C handler only records a signal. The handler that the program installed is called at a safe point: at the start and the end of
 * every call of this package, before an interrupted call throws EINTR, and from the event loop. This is how CPython does it
 * (documentation of its `signal` module; PEP 475).
 *
 * While a handler runs, its own signal and those in its `mask` wait, as sigaction(2) says. The kernel is not asked to block them
 * (a system call before and after each handler, which no C program makes): they are put aside here. The supervisor is told when a
 * handler begins and ends, by a call that means nothing to the kernel, so that it can say which calls were made in a handler.
 */
import { AGAIN, addon, exchange, SIGNALS } from './load-addon.js';
import { EINTR } from './errors.js';
import { SA_NODEFER, SA_RESETHAND } from './constants.js';
import type { SigSet } from './signal-set.js';

export interface InstalledHandler {
  handler: (signal: number) => void;
  mask: SigSet;
  flags: number;
}

const { numbers } = exchange;

/** The handlers that the program installed, by signal. What is not here is for the kernel (default, ignored) or Node. */
export const installed = new Map<number, InstalledHandler>();

/** Signals that wait because a handler runs which holds them off. */
let held: ReadonlySet<number> = new Set();
/** Arrived while held off, in order. */
let aside: number[] = [];
/** Undoes, when a handler returns, what it did to the signal mask: the kernel would do so for a C handler. */
let restoreMask: (() => void) | null = null;

/** Signals held off by the handlers that run now. */
export function heldSignals(): ReadonlySet<number> {
  return held;
}

/** Signals that arrived and wait for a running handler to return. */
export function waitingSignals(): readonly number[] {
  return aside;
}

/** A handler that runs has changed the signal mask for the first time. */
export function onMaskChange(restore: () => void): void {
  if (held.size > 0) restoreMask ??= restore;
}

/** Calls the handlers of all signals that have arrived; what a handler throws comes out. Returns how many ran. */
export function runHandlers(): number {
  let ran = 0;
  for (let signal = addon.takeSignal(); signal !== 0; signal = addon.takeSignal()) {
    if (held.has(signal)) {
      aside.push(signal);
    } else {
      const action = installed.get(signal);
      if (action) {
        ran += 1;
        runHandler(signal, action);
      }
    }
  }
  return ran;
}

function runHandler(signal: number, { handler, mask, flags }: InstalledHandler): void {
  const outer = { held, restoreMask };
  held = new Set([...held, ...mask.signals, ...(flags & SA_NODEFER ? [] : [signal])]);
  restoreMask = null;
  if (flags & SA_RESETHAND) installed.delete(signal);
  addon.markHandler(signal);
  try {
    handler(signal);
  } finally {
    addon.markHandler(0);
    const restore = restoreMask as (() => void) | null;
    ({ held, restoreMask } = outer);
    restore?.();
    const ready = aside.filter((waiting) => !held.has(waiting));
    aside = aside.filter((waiting) => held.has(waiting));
    for (const waiting of ready) addon.recordSignal(waiting);
  }
}

/**
 * Must a call that answered `result` < 0 be made again? Runs the handlers if it was interrupted; they may throw.
 * A call is not made again after EINTR, except when every signal that came is held off: C's would not have been interrupted at all.
 */
export function mustCallAgain(result: number): boolean {
  if (result === AGAIN) {
    runHandlers();
    return true;
  }
  if (result !== -EINTR) return false;
  const before = aside.length;
  return runHandlers() === 0 && aside.length > before;
}

/** The safe point after msgsnd and msgrcv, which leave word whether there is anything to do. */
export function finishCall(): void {
  if (numbers[SIGNALS] !== 0) runHandlers();
}

/** A forked child starts with what its parent had installed, and without the signals that the parent had put aside. */
export function forgetParentsSignals(): void {
  aside = [];
}

addon.onSignals(() => {
  runHandlers();
});
