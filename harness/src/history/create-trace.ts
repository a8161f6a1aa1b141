import {
  type CallEvent,
  type FreeHistory,
  type HistoryCall,
  type Trace,
  TRACE_VERSION,
} from '@ipclab/native/supervisor';
import { Fault } from '../fault.js';
import { describeCall } from './describe-call.js';
import { linearize, type LinearizeOptions, type PlacedEvent } from './linearize.js';
import { QueueLedger } from './queue-ledger.js';
import { DEFAULT_QUEUE_LIMITS } from './queue-model.js';

/**
 * The trace of a free run: its events in a legal order, with the identity of each message. Throws a Fault if no order is legal (then the
 * kernel or the supervisor is wrong), or none was found in time.
 *
 * A call during which its process died, but which must have done its work, is an event like others, with the result that nobody got.
 */
export function createTraceFromHistory(history: FreeHistory, options: LinearizeOptions = {}): Trace {
  const found = linearize(history, options);
  if ('order' in found) return new TraceBuilder(history, found.order, options).build();
  const { calls } = 'violation' in found ? found.violation : found.tooLong;
  const list = calls.map((event) => describeCall(history, history.events[event] as HistoryCall)).join('\n  ');
  if ('tooLong' in found)
    throw new Fault('run', `Expected an order of these calls within ${found.tooLong.states} states:\n  ${list}`);
  const what = found.violation.isEnd ? 'what is left in the queues' : 'what the last of these calls answered';
  throw new Fault('run', `Expected an order of the calls that explains ${what}, got none:\n  ${list}`);
}

class TraceBuilder {
  readonly #trace: Trace;
  readonly #ledger: QueueLedger;

  constructor(
    private readonly history: FreeHistory,
    private readonly order: readonly PlacedEvent[],
    options: LinearizeOptions,
  ) {
    this.#trace = {
      version: TRACE_VERSION,
      processes: history.processes.map((process) => ({ ...process, calls: 0 })),
      queues: [],
      segments: [],
      semaphores: [],
      messages: [],
      events: [],
      end: history.end,
      deviations: [],
      injections: [],
      faults: [],
      misses: [],
      choices: 0,
    };
    this.#ledger = new QueueLedger(history, this.#trace, { ...DEFAULT_QUEUE_LIMITS, ...options.limits });
  }

  build(): Trace {
    const trace = this.#trace;
    const arrivals = this.#findArrivals();
    for (const [seq, { event: place }] of this.order.entries()) {
      for (const call of arrivals.get(seq) ?? []) this.#ledger.noteArrival(call);
      const event = this.history.events[place]!;
      if (event.kind === 'call') {
        trace.events.push(this.#createCall(place, event, seq));
      } else {
        const { at: _, ...rest } = event;
        trace.events.push({ ...rest, seq });
      }
    }
    this.#ledger.close();
    trace.end = {
      ...trace.end,
      waits: trace.end.waits.map(({ queue: _queue, semaphores: _semaphores, ...wait }) => ({
        ...wait,
        call: trace.processes[wait.process]!.calls + 1,
        ...(wait.args.id !== undefined && wait.name.startsWith('msg') ? this.#ledger.getQueue(wait.args.id) : {}),
      })),
    };
    return trace;
  }

  /** Which calls came when so many events were over. */
  #findArrivals(): Map<number, number[]> {
    const arrivals = new Map<number, number[]>();
    for (const { event } of this.order) {
      const call = this.history.events[event]!;
      if (call.kind !== 'call') continue;
      const before = countBefore(this.order, call.entered);
      arrivals.set(before, [...(arrivals.get(before) ?? []), event]);
    }
    return arrivals;
  }

  #createCall(place: number, call: HistoryCall, seq: number): CallEvent {
    const { processes } = this.#trace;
    const process = processes[call.process]!;
    const queued = this.#ledger.noteCall(place, seq);
    const target = call.name === 'kill' ? processes.findIndex(({ pid }) => pid === call.args.pid) : (call.target ?? -1);
    return {
      kind: 'call',
      seq,
      process: call.process,
      call: ++process.calls,
      name: call.name,
      args: call.args,
      result: call.result,
      ...(call.error === undefined ? {} : { error: call.error }),
      arrived: countBefore(this.order, call.entered) - 1,
      waited: isWaiting(call, this.history),
      ...queued,
      ...(target < 0 ? {} : { target }),
      ...(call.forced ? { forced: true } : {}),
      ...(call.thread === undefined ? {} : { thread: call.thread }),
      ...(call.inHandler === undefined ? {} : { inHandler: call.inHandler }),
    };
  }
}

/** Number of events whose time is earlier; their times never fall. */
function countBefore(order: readonly PlacedEvent[], stamp: number): number {
  let [low, high] = [0, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (order[middle]!.time < stamp) low = middle + 1;
    else high = middle;
  }
  return low;
}

const ALWAYS_WAITS = new Set(['pause', 'sigsuspend', 'sigtimedwait', 'sleep']);

/** Of calls that are not about queues. */
function isWaiting(call: HistoryCall, { events, processes }: FreeHistory): boolean {
  if (ALWAYS_WAITS.has(call.name)) return true;
  if (call.name !== 'wait' || call.target === undefined || call.args.flags?.includes('WNOHANG')) return false;
  // It came before a child that it might have found had ended.
  const wanted = call.args.pid ?? -1;
  return !events.some(
    (event) =>
      event.kind === 'exit' &&
      event.at < call.entered &&
      processes[event.process]!.parent === call.process &&
      (wanted <= 0 ? event.process === call.target : processes[event.process]!.pid === wanted),
  );
}
