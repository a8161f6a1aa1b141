import type { HistoryCall } from '@ipclab/native/supervisor';

/** One call of a history, as the search for an order sees it. */
export interface Operation {
  /** Place in `FreeHistory.events`. */
  event: number;
  call: HistoryCall;
  entered: number;
  /** The latest stamp at which it can have taken effect. */
  returned: number;
  /** Its process died in it: it may have taken effect, or not; nobody knows the answer. */
  isOpen: boolean;
  /** Need not have happened: it is open, or it returned only after the part of a history that is looked at. */
  isOptional: boolean;
}

/** What answers calls: one object of the kernel's, or several that cannot be told apart from outside. States are never changed. */
export interface Model<State> {
  initial: State;
  /** The state after a call that answers what this one did; undefined if it could not answer that, or, if open, would do nothing. */
  apply(state: State, operation: Operation): State | undefined;
  /** Would the call sleep if it came now? */
  wouldBlock(state: State, operation: Operation): boolean;
  /** Equal for states that no later call can tell apart. */
  getKey(state: State): string;
  /** May it be so when all is over? */
  isEnd(state: State): boolean;
}

export const hasFlag = ({ call }: Operation, flag: string): boolean => call.args.flags?.includes(flag) ?? false;
