import type { Deviation, Injection, Strategy } from '@ipclab/native/supervisor';

/** The decisions of a run: who moves at each step, which signal comes at which placement. */
export interface Schedule {
  strategy: Strategy;
  /** Applied on top of the strategy; a replay has the default strategy and these. */
  deviations: Deviation[];
  injections: Injection[];
}

export const DEFAULT_SCHEDULE: Schedule = { strategy: { kind: 'default' }, deviations: [], injections: [] };
