import type { CallName } from '@ipclab/native/supervisor';
import { getCalls, getRole, type Run } from '../model/run.js';

/**
 * When a run puts a rule to the test. A line of the score that no run has put to the test earns nothing: who does nothing breaks no rule.
 */
export interface Tested<P = unknown> {
  /** What it takes, after "It takes": `a request that is sent`. */
  by: string;
  isIn(run: Run, parameters: P): boolean;
}

/** A process of the roles, or any, made a call that is seen. */
export const hasCalled = (run: Run, roles?: readonly string[], names?: readonly CallName[]): boolean =>
  getCalls(run).some(
    ({ process, name }) =>
      (roles === undefined || roles.includes(getRole(run, process))) && (names === undefined || names.includes(name)),
  );

/** Of that format, or any. */
export const hasSent = (run: Run, format?: string): boolean =>
  run.messages.some((message) => message.sentAt !== null && (format === undefined || message.format === format));

/** A handler ran in a process of the roles, or in any. */
export const hasHandled = (run: Run, roles?: readonly string[], signals?: readonly string[]): boolean =>
  run.trace.events.some(
    (event) =>
      event.kind === 'signal' &&
      event.action === 'handler' &&
      (roles === undefined || roles.includes(getRole(run, event.process))) &&
      (signals === undefined || signals.includes(event.signal)),
  );

export const hasForked = (run: Run, role?: string): boolean =>
  run.trace.processes.some(({ parent }) => parent !== null && (role === undefined || getRole(run, parent) === role));

/** Of a rule that says nothing else. */
export const ANY_CALL: Tested = { by: 'a program that makes a system call', isIn: (run) => hasCalled(run) };
