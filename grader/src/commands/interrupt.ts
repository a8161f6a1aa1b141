import { constants } from 'node:os';

/** What a person or the system wants to end us with. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Interrupt {
  /** Aborts at the first such signal. */
  signal: AbortSignal;
  /** 128 + the signal's number, once there was one: 130 after Ctrl-C. */
  getExitCode(): number | undefined;
}

let interrupt: Interrupt | undefined;

/** The one place of the process that listens for Ctrl-C. The first ends the work in order, a second one at once. */
export function getInterrupt(): Interrupt {
  if (interrupt) return interrupt;
  const controller = new AbortController();
  let exitCode: number | undefined;
  for (const signal of SIGNALS)
    process.on(signal, () => {
      const code = 128 + constants.signals[signal];
      // The harness removes what it has made when the process exits.
      if (exitCode !== undefined) process.exit(code);
      exitCode = code;
      controller.abort();
    });
  interrupt = { signal: controller.signal, getExitCode: () => exitCode };
  return interrupt;
}
