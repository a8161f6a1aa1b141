/**
 * The record of one run, as the supervisor saw it in the kernel. Produced by the supervisor addon, checked by rules.
 *
 * Everything is addressed by number: a process by its place in `processes`, a queue by its place in `queues`, a message by
 * its place in `messages`, an event by its `seq`. Names, pids and kernel ids are there for people.
 * Changing the shape changes `TRACE_VERSION` in the same commit.
 */
export const TRACE_VERSION = 5;

/** One execution of a scenario under one schedule: a total order of events, and what was left. */
export interface Trace {
  version: typeof TRACE_VERSION;
  processes: ProcessRecord[];
  queues: QueueRecord[];
  segments: SegmentRecord[];
  semaphores: SemaphoreRecord[];
  messages: MessageRecord[];
  /** Files and folders of the working folder, if the plan asked for calls on them. */
  files?: FileRecord[];
  events: TraceEvent[];
  end: RunEnd;
  /** What was chosen otherwise than the default order would have; replays this very run. */
  deviations: Deviation[];
  /** What became of each planned injection, in the plan's order. */
  injections: InjectionOutcome[];
  /** What became of each planned fault, likewise. */
  faults: InjectionOutcome[];
  /** Planned deviations that did not come about, in the plan's order. */
  misses: DeviationMiss[];
  /** The choices, in order, if the plan asked for them. */
  points?: ChoicePoint[];
  /** Number of points at which more than one process could move. */
  choices: number;
}

export interface ProcessRecord {
  /** `server#1`, `client#2`; a forked child is `client#2.1`. */
  name: string;
  role: string;
  /** As the processes of the run see it. */
  pid: number;
  /** The process that forked it; null for a process that the scenario started. */
  parent: number | null;
  /** Null while it lives when the run is ended by the supervisor. */
  exit: ProcessExit | null;
  /** Did the supervisor end it, because the run was over (deadlock, a limit, a leftover)? Then `exit` is null. */
  endedBySupervisor: boolean;
  /** Calls it has completed, so the index of its last call. */
  calls: number;
}

export type ProcessExit = { code: number; signal?: undefined } | { signal: SignalName; code?: undefined };

export type SignalName = `SIG${string}`;

export interface ObjectRecord {
  /** The kernel's id, as the processes see it. */
  id: number;
  /** 0 for IPC_PRIVATE. */
  key: number;
  /** Permission bits, as now or when removed. */
  mode: number;
  /** Process that made it; null for a decoy that the scenario put there. */
  creator: number | null;
  createdAt: number | null;
  /** Process that removed it; null if nobody did, or the supervisor did as an injected fault. */
  remover: number | null;
  removedAt: number | null;
  /** Was it still there when every process was gone? */
  left: boolean;
}

export interface QueueRecord extends ObjectRecord {
  kind: 'queue';
  /** Messages still in it when it was removed, or at the end: places in `messages`, in queue order. */
  pending: number[];
  /** Limit on the bytes in it (msg_qbytes). */
  maxBytes: number;
}
export interface SegmentRecord extends ObjectRecord {
  kind: 'segment';
  sizeBytes: number;
}
export interface SemaphoreRecord extends ObjectRecord {
  kind: 'semaphores';
  count: number;
}

export interface MessageRecord {
  queue: number;
  mtype: number;
  sizeBytes: number;
  /** The message without its mtype, base64. */
  data: string;
  /** Null for a message that the scenario put there. */
  sender: number | null;
  sentAt: number | null;
  receiver: number | null;
  receivedAt: number | null;
}

/** A file, whatever name it has: a rename leaves it what it is, and one made anew under an old name is another. */
export interface FileRecord {
  kind: 'file' | 'folder' | 'link';
  /** Relative to the working folder; where it was when it was first seen. */
  path: string;
  /** Process that made it; null for one that was there at the start. */
  creator: number | null;
  createdAt: number | null;
  /** One of its paths when every process was gone; null if it had none. */
  left: string | null;
  /** What a file held at the start; base64, the first 64 KiB. */
  before?: string;
  /** What it held at the end, if it was left. */
  after?: string;
}

export type TraceEvent = StartEvent | CallEvent | SignalEvent | OutputEvent | ExitEvent | OrphanEvent | RemovalEvent;

interface EventBase {
  /** Place in `Trace.events`. */
  seq: number;
  process: number;
}

/** A process begins to run: started by the scenario, or forked (then `ProcessRecord.parent` says by whom). */
export interface StartEvent extends EventBase {
  kind: 'start';
}

/** A system call has returned. Calls that never returned are in `RunEnd.waits`. */
export interface CallEvent extends EventBase {
  kind: 'call';
  /** Counts the process's calls from 1; the address used by tokens. */
  call: number;
  name: CallName;
  /** Decoded arguments; which ones there are depends on `name` (see `CallArgs`). */
  args: CallArgs;
  /** What the call returned; −1 with `error` set on failure. */
  result: number;
  /** Name of the errno, when it failed. */
  error?: string;
  /** `seq` of the last event before the process came to this call; what happened between that and `seq` happened while it waited. */
  arrived: number;
  /** Could the call not proceed when the process came to it? */
  waited: boolean;
  queue?: number;
  segment?: number;
  semaphores?: number;
  /** Message sent or received. */
  message?: number;
  /** File that it is about: a place in `Trace.files`. For rename and link, the one that gets the name `args.to`. */
  file?: number;
  /** rename: file that had the name `args.to` until now. */
  replaced?: number;
  /** Process made by fork, found by wait, or hit by kill. */
  target?: number;
  /** Was the result forced by the supervisor (an injected fault)? */
  forced?: boolean;
  /** Thread of the process, when it is not the main one. */
  thread?: number;
  /** Signals (of the standard ones) that its thread had blocked when it returned; absent if none, or the plan did not ask for it. */
  blocked?: SignalName[];
  /** The signal in whose handler it was made; the innermost, if one handler interrupted another. Not on Node's own `process.on`. */
  inHandler?: SignalName;
  /** From where in the submission it was made, `src/server.ts:42:7`, if the plan asked for it and it is known. */
  place?: string;
}

/** Calls that are recorded. Those in `WAITING_CALLS` can block. */
export type CallName =
  | 'msgget'
  | 'msgsnd'
  | 'msgrcv'
  | 'msgctl'
  | 'shmget'
  | 'shmat'
  | 'shmdt'
  | 'shmctl'
  | 'semget'
  | 'semop'
  | 'semctl'
  | 'fork'
  | 'execve'
  | 'wait'
  | 'kill'
  | 'sigaction'
  | 'sigprocmask'
  | 'sigpending'
  | 'sigsuspend'
  | 'sigtimedwait'
  | 'pause'
  | 'alarm'
  | 'sleep'
  | 'poll'
  | FileCallName;

/** Calls on files of the working folder, recorded if the plan asks for it: openat is `open`, pwrite and writev are `write`, and so on. */
export type FileCallName =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'close'
  | 'rename'
  | 'link'
  | 'symlink'
  | 'unlink'
  | 'mkdir'
  | 'rmdir'
  | 'getdents';

/** Flags and commands are spelt as in C: `IPC_NOWAIT|MSG_NOERROR`, `IPC_RMID`. Absent where a call has no such argument. */
export interface CallArgs {
  key?: number;
  id?: number;
  mode?: number;
  flags?: string[];
  cmd?: string;
  mtype?: number;
  msgtyp?: number;
  sizeBytes?: number;
  pid?: number;
  signal?: SignalName | '0';
  /** sigaction: what the signal does from now on. */
  disposition?: 'default' | 'ignore' | 'handler';
  /** sigprocmask: what happens to the set. */
  how?: 'SIG_BLOCK' | 'SIG_UNBLOCK' | 'SIG_SETMASK';
  /** sigprocmask, sigsuspend: the standard signals of the set that was given. */
  signals?: SignalName[];
  status?: ProcessExit;
  seconds?: number;
  timeoutMs?: number;
  operations?: { num: number; op: number; flags: string[] }[];
  /** Of a file, relative to the working folder; `.` is the folder itself. */
  path?: string;
  /** rename, link: the new path. */
  to?: string;
  /** Descriptor; what open returns is its `result`. */
  fd?: number;
  /** read, write: where in the file it begins. */
  offset?: number;
  /** read, write: the bytes; base64, the first 64 KiB. Absent for those that no buffer holds (sendfile). */
  data?: string;
}

/** A signal reached a process (not: was sent; that is a `kill` call, or an injection). */
export interface SignalEvent extends EventBase {
  kind: 'signal';
  signal: SignalName;
  /** Process that sent it, 'scenario' if planned, 'kernel' if neither (SIGCHLD, SIGALRM, SIGPIPE, SIGSEGV). */
  from: number | 'scenario' | 'kernel';
  /** Where it landed on the call that the process was at. */
  placement?: Placement;
  /** Index of the call that it landed on, for a planned one. */
  call?: number;
  action: 'handler' | 'ignored' | 'killed' | 'stopped' | 'continued';
}

export interface OutputEvent extends EventBase {
  kind: 'output';
  stream: 'stdout' | 'stderr';
  /** UTF-8, with replacement characters for what is not. */
  text: string;
}

export interface ExitEvent extends EventBase {
  kind: 'exit';
  exit: ProcessExit;
}

/** `process` lost its parent while it was alive. */
export interface OrphanEvent extends EventBase {
  kind: 'orphan';
}

/** A stranger (a planned fault) removed a queue when `process` had just come to a call that is about it. */
export interface RemovalEvent extends EventBase {
  kind: 'removal';
  queue: number;
}

/** How the run ended; one shape, whatever happened. */
export interface RunEnd {
  cause: RunEndCause;
  /** What each process that was left was waiting for. */
  waits: Wait[];
  /** The process that met a limit. */
  process?: number;
  /** For people; says the limit and its unit, or the fault. */
  detail?: string;
}

export type RunEndCause =
  /** Every process is gone. */
  | 'completed'
  /** All that are left wait for one another: nothing can ever move again. */
  | 'deadlock'
  /** All that are left wait for something that may come from outside (event loop, unknown wait): nothing came. */
  | 'idle'
  /** Those that can move have only polled in vain for very long, and nothing else will come: they seem to wait in a loop. */
  | 'busy-waiting'
  | 'wall-limit'
  | 'cpu-limit'
  | 'memory-limit'
  | 'output-limit'
  /** Of a run with `fileCalls`: its trace would hold too much of what files hold, and what was read and written. */
  | 'file-limit'
  | 'step-limit'
  /** Kernel and shadow disagree, or the machine failed: ours, never the student's. */
  | 'fault';

export interface Wait {
  process: number;
  /** Index that the call would have. */
  call: number;
  name: CallName | 'unknown';
  args: CallArgs;
  kind: 'message' | 'space' | 'semaphore' | 'child' | 'signal' | 'timer' | 'event-loop' | 'stopped' | 'unknown';
  queue?: number;
  semaphores?: number;
  /** Does the supervisor know for sure what it waits for? */
  certain: boolean;
  /** As `CallEvent.inHandler`. */
  inHandler?: SignalName;
  /** As `CallEvent.place`. */
  place?: string;
}

export type Placement = 'before' | 'entry' | 'blocked' | 'after';

/**
 * One choice that is not the default order's. The point of choice is where the thread that moved last, `at`, has had `call` turns (a
 * turn takes it from one held call to the next; its start is the first); there `to` moves.
 */
export interface Deviation {
  /** Process name, `client#1+2` for its second helper thread; empty for the very first choice. */
  at: string;
  call: number;
  /** `client#1+signal`: not it moves, but a signal that another has sent it comes just before the call that it is at. */
  to: string;
}

/** A point at which more than one could move. */
export interface ChoicePoint extends Deviation {
  /** Who could move, in the order of their start; `to` is the one that did. */
  able: string[];
  /** Who would have moved in the default order. */
  usual: string;
  /** Could the one that moved last have gone on, without having polled in vain? Then to move another is a preemption. */
  preempts: boolean;
  /** Number of events before it. */
  seq: number;
}

export interface DeviationMiss {
  /** Place in the plan's deviations. */
  deviation: number;
  /** The point of choice did not come; or it came, and the one that should move could not. */
  reason: 'not-reached' | 'not-able';
  /** `not-able`: number of events before it. */
  seq?: number;
}

export interface InjectionOutcome {
  status: 'landed' | 'not-reached' | 'not-blocked' | 'process-gone';
  /** `seq` of the signal's event. */
  seq?: number;
}
