import type { FreeHistory } from '@ipclab/native/supervisor';
import type { Model, Operation } from './operation.js';
import { createPartitions, type Partition } from './partition.js';
import { createQueueModel, DEFAULT_QUEUE_LIMITS, isAboutQueue, type QueueLimits, type Queues } from './queue-model.js';
import { searchOrder, type SearchResult } from './search-order.js';

/** An event of a history at a time that suits it: not before it was entered, not after it returned. */
export interface PlacedEvent {
  /** Place in `FreeHistory.events`. */
  event: number;
  /** A stamp; in the order they never fall. */
  time: number;
}

/** The smallest part of a history that no order of its calls explains. */
export interface Violation {
  /**
   * Calls on the same queues, up to the first return after which there is no legal order: places in `FreeHistory.events`, in the
   * order of their return, before them those that had been entered only; so the last is the one that cannot be explained.
   */
  calls: number[];
  /** Can all calls be explained, and only what is left in the queues cannot? */
  isEnd: boolean;
}

export type Linearization =
  /** All events but the calls that did nothing because their process died in them. */
  | { order: PlacedEvent[] }
  /** The kernel's fault or ours, never a program's. */
  | { violation: Violation }
  /** The search was given up: the calls that were searched for an order, and how many states were looked at. */
  | { tooLong: { calls: number[]; states: number } };

export interface LinearizeOptions {
  /** For each queue, or group of queues with one key. Default 200,000: about a second. */
  maxStates?: number;
  limits?: Partial<QueueLimits>;
}

const MAX_STATES = 200_000;

/**
 * Looks for one total order of a history's events that respects time (a call that returned before another was entered comes first), and
 * in which every queue answers as System V queues do.
 */
export function linearize(history: FreeHistory, options: LinearizeOptions = {}): Linearization {
  const limits = { ...DEFAULT_QUEUE_LIMITS, ...options.limits };
  const maxStates = options.maxStates ?? MAX_STATES;
  const placed: PlacedEvent[] = [];
  for (const partition of createPartitions(history)) {
    const { operations } = partition;
    const search = (part: readonly Operation[], isWhole: boolean): SearchResult =>
      searchOrder(part, createModel(partition, part, isWhole, limits), {
        maxStates,
        isWhole,
        getRank: createRank(part, partition.left),
      });
    const result = search(operations, true);
    if (result === 'none') return { violation: findViolation(operations, (part) => search(part, false)) };
    if (result === 'too-long') return { tooLong: { calls: operations.map(({ event }) => event), states: maxStates } };
    placed.push(...placeInTime(result.order));
  }
  for (const [index, event] of history.events.entries()) {
    if (event.kind !== 'call') placed.push({ event: index, time: event.at });
    else if (!isAboutQueue(event) && event.returned !== null)
      placed.push({ event: index, time: isCause(event.name) ? event.entered : event.returned });
  }
  // Stamps are unique, and equal times are those of one partition: their order stays.
  return { order: placed.toSorted((a, b) => a.time - b.time) };
}

/** What these calls cause can be seen before they return: a child that starts, a signal that arrives. */
const isCause = (name: string): boolean => name === 'fork' || name === 'kill';

const createModel = (
  { decoys, left }: Partition,
  operations: readonly Operation[],
  isWhole: boolean,
  limits: QueueLimits,
): Model<Queues> => createQueueModel(operations, decoys, isWhole ? left : undefined, limits);

/**
 * Each as early as may be. Whoever was told that a queue was removed under it had come before: so the removal is not earlier than that.
 */
function placeInTime(order: readonly Operation[]): PlacedEvent[] {
  const arrivals = new Map<number, number>();
  for (const { call, entered } of order)
    if (call.error === 'EIDRM') arrivals.set(call.args.id!, Math.max(entered, arrivals.get(call.args.id!) ?? 0));
  let time = 0;
  return order.map(({ event, call, entered }) => {
    const removes = call.args.cmd === 'IPC_RMID' && call.error === undefined;
    time = Math.max(time, entered, removes ? (arrivals.get(call.args.id!) ?? 0) : 0);
    return { event, time };
  });
}

/**
 * A guess that makes the search short: a message was sent just before it was received, all else happened just before it
 * returned. Never a reason to leave an order out.
 */
function createRank(operations: readonly Operation[], left: Partition['left']): (operation: Operation) => number {
  const nameMessage = (id: number | undefined, mtype: number | undefined, data: string | undefined): string =>
    `${id} ${mtype} ${data}`;
  const received = new Map<string, number[]>();
  const note = (name: string, rank: number): void => {
    const ranks = received.get(name);
    if (ranks) ranks.push(rank);
    else received.set(name, [rank]);
  };
  for (const { call, returned } of operations.toSorted((a, b) => a.returned - b.returned))
    if (call.name === 'msgrcv' && call.error === undefined && call.returned !== null)
      note(nameMessage(call.args.id, call.args.mtype, call.data), returned);
  for (const queue of left)
    for (const [place, { mtype, data }] of queue.messages.entries())
      note(nameMessage(queue.id, mtype, data), Number.MAX_SAFE_INTEGER / 2 + place);
  const ranks = new Map<Operation, number>();
  for (const operation of operations.toSorted((a, b) => a.entered - b.entered)) {
    const { call, returned } = operation;
    const taken =
      call.name === 'msgsnd' && call.error === undefined
        ? received.get(nameMessage(call.args.id, call.args.mtype, call.data))?.shift()
        : undefined;
    ranks.set(operation, taken === undefined ? returned : taken - 0.5);
  }
  return (operation) => ranks.get(operation) ?? operation.returned;
}

/** By halving: if a part that ends with some return has no legal order, no longer one has. */
function findViolation(
  operations: readonly Operation[],
  search: (part: readonly Operation[]) => SearchResult,
): Violation {
  const returns = operations.flatMap(({ isOpen, returned }) => (isOpen ? [] : [returned])).toSorted((a, b) => a - b);
  const takeUntil = (end: number): Operation[] =>
    operations
      .filter(({ entered }) => entered < end)
      .map((operation) => (operation.returned <= end ? operation : { ...operation, isOptional: true }));
  const isExplained = (count: number): boolean => search(takeUntil(returns[count - 1] ?? Infinity)) !== 'none';
  const isEnd = isExplained(returns.length);
  // So many returns have an order, and so many have none.
  let [explained, unexplained] = [isEnd ? returns.length - 1 : 0, returns.length];
  while (unexplained - explained > 1) {
    const middle = Math.floor((explained + unexplained) / 2);
    if (isExplained(middle)) explained = middle;
    else unexplained = middle;
  }
  const part = takeUntil(returns[unexplained - 1] ?? Infinity);
  const unfinished = part.filter(({ isOptional }) => isOptional);
  const finished = part.filter(({ isOptional }) => !isOptional).toSorted((a, b) => a.returned - b.returned);
  return { calls: [...unfinished, ...finished].map(({ event }) => event), isEnd };
}
