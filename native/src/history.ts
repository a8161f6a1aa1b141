import type {
  CallArgs,
  CallName,
  ExitEvent,
  OrphanEvent,
  OutputEvent,
  ProcessRecord,
  RunEnd,
  SignalEvent,
  SignalName,
  StartEvent,
} from './trace.js';

/** Changing the shape changes it in the same commit. */
export const HISTORY_VERSION = 2;

/**
 * The record of a free run: calls overlap, so there is no order of events yet. The harness finds one that is legal, and makes a
 * Trace of it.
 *
 * A stamp is a running number of what the supervisor saw. A call took effect between its two stamps: so what returned before another
 * was entered (the stamp is less) came first, and of others nothing is known. Stamps are unique.
 */
export interface FreeHistory {
  version: typeof HISTORY_VERSION;
  /** `calls` is not yet counted as in a trace. */
  processes: ProcessRecord[];
  /** Queues that the scenario put there. */
  decoys: DecoyQueue[];
  /** In no order that means anything. */
  events: HistoryEvent[];
  left: WhatIsLeft;
  /** `queue` and `semaphores` of its waits mean nothing. */
  end: RunEnd;
}

export type HistoryEvent = HistoryCall | HistoryMoment;

export interface HistoryCall {
  kind: 'call';
  process: number;
  name: CallName;
  /** Of a receive: `mtype` is the received message's. */
  args: CallArgs;
  entered: number;
  /** Null if it never did: the process died in it, and it may or may not have done its work. Then `result` means nothing. */
  returned: number | null;
  result: number;
  error?: string;
  target?: number;
  forced?: boolean;
  thread?: number;
  inHandler?: SignalName;
  /** Sent, or received; base64. */
  data?: string;
  /** That IPC_STAT wrote, or IPC_SET was given (then only `mode` and `maxBytes` mean something). */
  status?: QueueStatus;
  /** That SETVAL was given. */
  values?: number[];
}

/** What is not a call, at its stamp. */
export type HistoryMoment = At<StartEvent> | At<SignalEvent> | At<OutputEvent> | At<ExitEvent> | At<OrphanEvent>;
type At<E> = Omit<E, 'seq'> & { at: number };

export interface QueueStatus {
  mode: number;
  /** msg_qnum */
  messages: number;
  /** msg_cbytes */
  bytes: number;
  /** msg_qbytes */
  maxBytes: number;
}

export interface TypedMessage {
  mtype: number;
  /** base64 */
  data: string;
}

export interface DecoyQueue {
  id: number;
  key: number;
  mode: number;
  messages: TypedMessage[];
}

/** When every process was gone. */
export interface WhatIsLeft {
  queues: { id: number; key: number; status: QueueStatus; /** In queue order. */ messages: TypedMessage[] }[];
  /** Ids. */
  segments: number[];
  semaphores: number[];
}
