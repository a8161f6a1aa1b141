import type { Deviation, Placement, SignalName } from './trace.js';

/** Everything that the supervisor needs for one run. Made by the harness from a scenario; already checked. */
export interface RunPlan {
  processes: ProcessPlan[];
  strategy: Strategy;
  /** Applied on top of the strategy, which for a replay is `default`. */
  deviations: Deviation[];
  injections: Injection[];
  faults: CallFault[];
  /** Say in the trace which choices there were (`Trace.points`)? Default false. */
  recordPoints?: boolean;
  /** Say in the trace from where in its source each call was made (`CallEvent.place`)? It makes the programs slower. Default false. */
  places?: boolean;
  /**
   * Sent, one entry at a time, when nothing else can move: how a server that runs for ever is told to stop. Left out where an
   * injection has brought the same signal to the same process already. Something that can move, but has polled in vain for long, counts as nothing.
   */
  stops: Stop[];
  limits: Limits;
  /** Working folder of every process; absolute, and theirs to write in. */
  folder: string;
  /** Absolute paths below which the processes may read (and execute), beside `folder`. */
  readable: string[];
  /** Queues that are there before the first process starts. */
  decoys: Decoy[];
  /** msgmnb of the run's namespace: bytes that a new queue holds. Default: the kernel's 16384. */
  queueBytes?: number;
  /** Queue ids made and removed before the run, so that the first id is not 0. Default 1; 0 lets the first id be 0. */
  burntIds: number;
  /** Give the processes a terminal for stdout and stderr instead of a pipe. */
  pty: boolean;
  /** Also hold, and record, the calls on files of the working folder? Default false. */
  fileCalls?: boolean;
  /**
   * Also hold, and record, changes of the signal mask, and say of each call what is blocked? A signal that one process sends another
   * may then come just before the call that the other is at, too, not only into it. Default false.
   */
  signalCalls?: boolean;
}

export interface ProcessPlan {
  /** `server#1`. */
  name: string;
  role: string;
  program: Program;
  /** Arguments after the program's own name. `{pid:server#1}` is replaced by the pid of a process started earlier. */
  args: string[];
  env: Record<string, string>;
  stdin: string;
  /** Not started before this, or all of these, have happened. Without it, a process may start at once. */
  after?: Gate | Gate[];
}

export type Program =
  /** A bundle known to the zygote, by its number. */
  | { kind: 'typescript'; bundle: number }
  /** An executable, by its absolute path. */
  | { kind: 'executable'; path: string };

/** `process` has completed `times` (default 1) successful calls of that name, or has exited. */
export interface Gate {
  process: string;
  /** No call is named `exit`: that one waits for the end. */
  call: string;
  times?: number;
}

export type Strategy =
  /** Run on until blocked, then the process that started first. */
  | { kind: 'default' }
  /** At every choice, one of those that can move, each as likely. `seed`: an unsigned 32-bit number. */
  | { kind: 'random'; seed: number }
  /**
   * Random priorities, the highest moves; at `depth` − 1 choices drawn from the first `choices` of the run, the one that would
   * move falls to the lowest (PCT: Burckhardt, Kothari, Musuvathi, Nagarakatti 2010).
   */
  | { kind: 'pct'; seed: number; depth: number; choices: number }
  /**
   * Random priorities, the highest moves; then its own and those of calls that race with the one it made are drawn anew
   * (POS: Yuan, Yang, Gu 2018).
   */
  | { kind: 'pos'; seed: number }
  /** Nobody is held: all run at full speed, on all processors. Every call is still seen. No deviations, injections or faults. */
  | { kind: 'free' };

/** One signal at one place of a run. A SIGSTOP is followed by a SIGCONT when nothing else can move. */
export interface Injection {
  signal: SignalName;
  process: string;
  /** Index of the call, from 1. */
  call: number;
  placement: Placement;
  /** To all processes of the run at that moment, as Ctrl-C in a terminal; `process` says when. */
  group?: true;
  /** To these, too, at that moment, wherever they are. */
  also?: string[];
}

/** Something goes wrong at one call of a run, though the program did nothing wrong. */
export interface CallFault {
  process: string;
  /** Index of the call, from 1. */
  call: number;
  /** Name of an errno, with which the call fails without being made; or RMID: somebody else removes the queue that the call is about just before it. */
  effect: FaultEffect;
}

export type FaultEffect = `E${string}` | 'RMID';

export interface Stop {
  process: string;
  signal: SignalName;
}

export interface Limits {
  wallMs: number;
  /** Of one process; 1 ms more for each of its calls. */
  cpuMs: number;
  /** Data of one process, in bytes. */
  memoryBytes: number;
  /** stdout and stderr of one process together, in bytes. */
  outputBytes: number;
  /** Alive at the same time. */
  processes: number;
  /** Size of a file written by a process. */
  fileBytes: number;
  /** Scheduling steps of the run; a forked process counts for 25. */
  steps: number;
}

export interface Decoy {
  kind: 'queue';
  key: number;
  mode: number;
  messages: { mtype: number; /** base64 */ data: string }[];
}
