import { createRequire } from 'node:module';
import type { RunPlan } from './plan.js';

/** The supervisor addon. Every function throws an Error with `code` when our side, or the machine, breaks. */
export interface SupervisorBinding {
  /** Starts the warm process that forks TypeScript roles; an earlier one is ended. `env`: `NAME=value`. */
  startZygote(command: string[], env: string[]): void;
  stopZygote(): void;
  /** One run, from start to clean-up; blocks the thread. Answers the JSON of a Trace. */
  run(plan: RunPlan): string;
  /** The same for the strategy `free`: the JSON of a FreeHistory. */
  runFreely(plan: RunPlan): string;
  /** When the process that started this one ends, however it ends, this one is killed. */
  dieWithParent(): void;
  /** Keeps this thread, and what it starts, on one processor (modulo those allowed): a tracer and its tracee then switch cheaply. */
  pinTo(cpu: number): void;
  /** An empty network namespace for this thread and what it starts; false where it is refused. */
  leaveNetwork(): boolean;
  probe(): Record<string, unknown>;
  // In the zygote:
  /** Puts a pipe in the place of stdout and stderr; answers its reading end. The real stderr is kept. */
  openScratchOutput(): number;
  /** An IPC namespace of its own for this process; false where it is refused. */
  leaveIpc(): boolean;
  realStderr(): number;
  announce(): void;
  /** The next role to fork, or null when the engine is gone. */
  receive(): { bundle: number; folder: string; places: boolean; args: string[]; env: string[] } | null;
  answer(pid: number): void;
  /** In the forked child: waits for the engine, then gives up every right. */
  begin(): void;
  /** Puts a text where the engine finds it: from where in the source calls are made (launch.h). */
  writeBoard(text: string): void;
  isChild(): boolean;
  isTerminal(descriptor: number): boolean;
}

/** Loads the supervisor addon; the only place that does. */
export function loadSupervisor(): SupervisorBinding {
  return createRequire(import.meta.url)('../build/Release/supervisor.node') as SupervisorBinding;
}
