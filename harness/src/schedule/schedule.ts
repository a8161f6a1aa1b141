import type { CallFault, Deviation, Injection, Strategy } from '@ipclab/native/supervisor';

/** The decisions of a run: who moves at each step, which signal comes at which placement. */
export interface Schedule {
  strategy: Strategy;
  /** Applied on top of the strategy; a replay has the default strategy and these. */
  deviations: Deviation[];
  injections: Injection[];
  faults: CallFault[];
  /** Processes of the scenario that are not started. */
  absent: string[];
  /** Say in the trace which choices there were? */
  recordPoints?: boolean;
  /** Say in the trace from where in its source each call was made? */
  places?: boolean;
}

export const DEFAULT_SCHEDULE: Schedule = {
  strategy: { kind: 'default' },
  deviations: [],
  injections: [],
  faults: [],
  absent: [],
};

/** A schedule that moves in the default order, but for what is said. */
export function createSchedule(parts: Partial<Schedule> = {}): Schedule {
  return { ...DEFAULT_SCHEDULE, ...parts };
}
