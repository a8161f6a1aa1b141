import type { Schedule } from '@ipclab/harness';
import type { CallName, Trace, TraceEvent } from '@ipclab/native/supervisor';

/** A trace in which each process makes its calls one after the other; enough for exploration, which reads little of it. */
export function createTrace(calls: Record<string, CallName[]>, schedule: Schedule, change: Partial<Trace> = {}): Trace {
  const names = Object.keys(calls);
  const events: TraceEvent[] = names.flatMap((name, process) =>
    (calls[name] ?? []).map((call, index) => ({
      kind: 'call' as const,
      seq: 0,
      process,
      call: index + 1,
      name: call,
      args: {},
      result: 0,
      arrived: 0,
      waited: false,
    })),
  );
  return {
    version: 5,
    processes: names.map((name) => ({
      name,
      role: name.replace(/#.*/, ''),
      pid: 1000,
      parent: null,
      exit: { code: 0 },
      endedBySupervisor: false,
      calls: calls[name]?.length ?? 0,
    })),
    queues: [],
    segments: [],
    semaphores: [],
    messages: [],
    events: events.map((event, seq) => ({ ...event, seq })),
    end: { cause: 'completed', waits: [] },
    deviations: schedule.deviations,
    injections: schedule.injections.map(({ process, call }) => ({
      status: call <= (calls[process]?.length ?? 0) ? 'landed' : 'not-reached',
    })),
    faults: schedule.faults.map(({ process, call }) => ({
      status: call <= (calls[process]?.length ?? 0) ? 'landed' : 'not-reached',
    })),
    misses: [],
    choices: 5,
    ...change,
  };
}
