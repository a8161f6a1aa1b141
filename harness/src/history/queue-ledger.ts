import type { CallEvent, FreeHistory, Trace } from '@ipclab/native/supervisor';
import { findByKey, getAlive } from './objects.js';
import { hasFlag, type Model, type Operation } from './operation.js';
import { createPartitions } from './partition.js';
import {
  chooseMessage,
  createQueueModel,
  getDecoyEvent,
  type QueuedMessage,
  type QueueLimits,
  type Queues,
} from './queue-model.js';

interface Group {
  model: Model<Queues>;
  state: Queues;
}

/**
 * Follows the queues through a legal order of a history, and enters queues and messages in a trace: who made, sent, received and
 * removed what, by identity.
 */
export class QueueLedger {
  readonly #groups: Group[] = [];
  readonly #calls = new Map<number, { operation: Operation; group: Group }>();
  /** Places in the trace: of queues by id, of messages by the place of their send in the history. */
  readonly #queues = new Map<number, number>();
  readonly #messages = new Map<number, number>();
  readonly #waiting = new Set<number>();

  constructor(
    history: FreeHistory,
    private readonly trace: Trace,
    limits: QueueLimits,
  ) {
    for (const { operations, decoys, left } of createPartitions(history)) {
      const model = createQueueModel(operations, decoys, left, limits);
      const group = { model, state: model.initial };
      this.#groups.push(group);
      for (const operation of operations) this.#calls.set(operation.event, { operation, group });
    }
    for (const { id, key, mode, messages } of history.decoys) {
      this.#addQueue(id, key, mode, limits.queueBytes);
      for (const [place, { mtype, data }] of messages.entries())
        this.#addMessage(id, {
          mtype,
          data,
          sizeBytes: Buffer.byteLength(data, 'base64'),
          event: getDecoyEvent(id, place),
        });
    }
  }

  /** The process has come to the call, which is an event of the history. */
  noteArrival(event: number): void {
    const known = this.#calls.get(event);
    if (known?.group.model.wouldBlock(known.group.state, known.operation)) this.#waiting.add(event);
  }

  /** The call takes effect. What a trace says of it beyond the history; undefined if it is not about queues. */
  noteCall(event: number, seq: number): Partial<CallEvent> | undefined {
    const known = this.#calls.get(event);
    if (!known) return undefined;
    const { operation, group } = known;
    const before = group.state;
    const after = group.model.apply(before, operation);
    if (!after) throw new Error(`Expected event ${event} to be legal where it stands in the order, it is not.`);
    group.state = after;
    const { call } = operation;
    // Whoever was interrupted, or found the queue removed, had slept.
    const waited = this.#waiting.has(event) || call.error === 'EIDRM' || call.error === 'EINTR';
    return { waited, ...this.#note(operation, before, after, seq) };
  }

  /** Place in the trace of the queue that has, or last had, this id. */
  getQueue(id: number | undefined): { queue?: number } {
    const queue = id === undefined ? undefined : this.#queues.get(id);
    return queue === undefined ? {} : { queue };
  }

  /** All is over. */
  close(): void {
    for (const { state } of this.#groups)
      for (const [id, { messages, removedBefore }] of state)
        if (removedBefore === null) this.#getRecord(id).pending = this.#listPlaces(messages);
  }

  #note(operation: Operation, before: Queues, after: Queues, seq: number): Partial<CallEvent> {
    const { call, isOpen } = operation;
    const { process, args } = call;
    const failed = !isOpen && call.error !== undefined;
    if (call.name === 'msgget') {
      if (failed) return this.getQueue(findByKey(before, args.key ?? 0)?.id);
      const id = isOpen
        ? [...after.keys()].find((each) => !getAlive(before, each) && getAlive(after, each))!
        : call.result;
      if (!getAlive(before, id))
        this.#addQueue(id, args.key ?? 0, args.mode ?? 0, after.get(id)!.maxBytes, process, seq);
      return { ...this.getQueue(id), result: id };
    }
    const queue = getAlive(before, args.id);
    const about = this.getQueue(args.id);
    if (call.name === 'msgrcv' && queue && (!failed || call.error === 'EFAULT')) {
      const message = chooseMessage(queue, operation)!;
      const place = this.#messages.get(message.event)!;
      if (!failed && !hasFlag(operation, 'MSG_COPY'))
        Object.assign(this.trace.messages[place]!, { receiver: process, receivedAt: seq });
      if (!isOpen) return { ...about, ...(failed ? {} : { message: place }) };
      const result = Math.min(message.sizeBytes, args.sizeBytes ?? 0);
      return { ...about, message: place, result, args: { ...args, mtype: message.mtype } };
    }
    if (failed || !queue) return about;
    if (call.name === 'msgsnd') {
      const message = after.get(args.id!)!.messages.at(-1)!;
      return { ...about, message: this.#addMessage(args.id!, message, process, seq) };
    }
    const record = this.#getRecord(args.id!);
    if (args.cmd === 'IPC_RMID')
      Object.assign(record, {
        remover: process,
        removedAt: seq,
        left: false,
        pending: this.#listPlaces(queue.messages),
      });
    const { mode, maxBytes } = after.get(args.id!)!;
    Object.assign(record, { mode, maxBytes });
    return about;
  }

  #getRecord(id: number): Trace['queues'][number] {
    return this.trace.queues[this.#queues.get(id)!]!;
  }

  #listPlaces(messages: readonly QueuedMessage[]): number[] {
    return messages.map(({ event }) => this.#messages.get(event)!);
  }

  #addQueue(
    id: number,
    key: number,
    mode: number,
    maxBytes: number,
    creator: number | null = null,
    createdAt: number | null = null,
  ): void {
    const { queues } = this.trace;
    this.#queues.set(id, queues.length);
    queues.push({
      kind: 'queue',
      id,
      key,
      mode,
      creator,
      createdAt,
      remover: null,
      removedAt: null,
      left: true,
      pending: [],
      maxBytes,
    });
  }

  #addMessage(id: number, message: QueuedMessage, sender: number | null = null, sentAt: number | null = null): number {
    const { mtype, data, sizeBytes, event } = message;
    const { messages } = this.trace;
    this.#messages.set(event, messages.length);
    const queue = this.#queues.get(id)!;
    return messages.push({ queue, mtype, sizeBytes, data, sender, sentAt, receiver: null, receivedAt: null }) - 1;
  }
}
