import type {
  CallArgs,
  CallEvent,
  CallName,
  Placement,
  RunEnd,
  SignalEvent,
  SignalName,
  Trace,
  TraceEvent,
} from '@ipclab/native/supervisor';
import { createRun, type Formats, type Run } from '../../src/model/run.js';

type CallParts = Partial<Omit<CallEvent, 'kind' | 'seq' | 'process' | 'name'>>;
type Unplaced = TraceEvent extends infer Each ? (Each extends TraceEvent ? Omit<Each, 'seq'> : never) : never;

/** Builds traces as the supervisor would record them, a line an event. Processes and queues are known by their numbers. */
export class TraceBuilder {
  readonly trace: Trace = {
    version: 5,
    processes: [],
    queues: [],
    segments: [],
    semaphores: [],
    messages: [],
    events: [],
    end: { cause: 'completed', waits: [] },
    deviations: [],
    injections: [],
    faults: [],
    misses: [],
    choices: 0,
  };

  /** A process of the role; answers its number. `server#1` is role server. */
  start(name: string, parent: number | null = null): number {
    const { processes } = this.trace;
    processes.push({
      name,
      role: name.replace(/#.*/, ''),
      pid: 20_000 + processes.length,
      parent,
      exit: null,
      endedBySupervisor: false,
      calls: 0,
    });
    this.#add({ kind: 'start', process: processes.length - 1 });
    return processes.length - 1;
  }

  call(process: number, name: CallName, args: CallArgs = {}, parts: CallParts = {}): number {
    const call = ++this.trace.processes[process]!.calls;
    const failed = parts.error !== undefined;
    return this.#add({
      kind: 'call',
      process,
      call,
      name,
      args,
      result: failed ? -1 : 0,
      arrived: this.trace.events.length - 1,
      waited: false,
      ...parts,
    });
  }

  /** A new queue; answers its number. */
  queue(creator: number | null, key = 0): number {
    const { queues } = this.trace;
    const queue = queues.length;
    const createdAt = creator === null ? null : this.call(creator, 'msgget', { key }, { queue, result: queue });
    queues.push({
      kind: 'queue',
      id: queue,
      key,
      mode: 0o600,
      creator,
      createdAt,
      remover: null,
      removedAt: null,
      left: true,
      pending: [],
      maxBytes: 16_384,
    });
    return queue;
  }

  send(sender: number, queue: number, mtype: number, bytes: Uint8Array = new Uint8Array()): number {
    const { messages } = this.trace;
    const message = messages.length;
    const sentAt = this.call(sender, 'msgsnd', { mtype, sizeBytes: bytes.length }, { queue, message });
    const data = Buffer.from(bytes).toString('base64');
    messages.push({ queue, mtype, sizeBytes: bytes.length, data, sender, sentAt, receiver: null, receivedAt: null });
    return message;
  }

  receive(receiver: number, message: number, msgtyp = 0, parts: CallParts = {}): number {
    const record = this.trace.messages[message]!;
    record.receiver = receiver;
    record.receivedAt = this.call(
      receiver,
      'msgrcv',
      { msgtyp },
      { queue: record.queue, message, result: record.sizeBytes, ...parts },
    );
    return record.receivedAt;
  }

  remove(process: number, queue: number, error?: string): number {
    const seq = this.call(process, 'msgctl', { cmd: 'IPC_RMID' }, { queue, ...(error === undefined ? {} : { error }) });
    if (error === undefined) {
      const pending = this.trace.messages.flatMap((message, index) =>
        message.queue === queue && message.receiver === null ? [index] : [],
      );
      Object.assign(this.trace.queues[queue]!, { remover: process, removedAt: seq, left: false, pending });
    }
    return seq;
  }

  /** A new segment; answers its number. */
  segment(creator: number, key = 0): number {
    const segment = this.trace.segments.length;
    const createdAt = this.call(creator, 'shmget', { key }, { segment, result: segment });
    this.trace.segments.push({ kind: 'segment', sizeBytes: 4096, ...this.#made(segment, key, creator, createdAt) });
    return segment;
  }

  /** A new semaphore set; answers its number. */
  semaphores(creator: number, key = 0): number {
    const semaphores = this.trace.semaphores.length;
    const createdAt = this.call(creator, 'semget', { key }, { semaphores, result: semaphores });
    this.trace.semaphores.push({ kind: 'semaphores', count: 2, ...this.#made(semaphores, key, creator, createdAt) });
    return semaphores;
  }

  /** Removes a segment or a semaphore set. */
  removeOther(process: number, kind: 'segment' | 'semaphores', index: number): number {
    const seq = this.call(
      process,
      kind === 'segment' ? 'shmctl' : 'semctl',
      { cmd: 'IPC_RMID' },
      kind === 'segment' ? { segment: index } : { semaphores: index },
    );
    const record = kind === 'segment' ? this.trace.segments[index]! : this.trace.semaphores[index]!;
    if (record.removedAt === null) Object.assign(record, { remover: process, removedAt: seq, left: false });
    return seq;
  }

  /** Semaphore operations at one stroke: `{ num: 0, op: -1, undo: true }`. */
  semop(
    process: number,
    semaphores: number,
    operations: { op: number; num?: number; undo?: boolean }[],
    parts: CallParts = {},
  ): number {
    const decoded = operations.map(({ num = 0, op, undo = false }) => ({ num, op, flags: undo ? ['SEM_UNDO'] : [] }));
    return this.call(process, 'semop', { operations: decoded }, { semaphores, ...parts });
  }

  fork(parent: number): number {
    const at = this.call(parent, 'fork');
    const child = this.start(`${this.trace.processes[parent]!.name}.1`, parent);
    (this.trace.events[at] as CallEvent).target = child;
    return child;
  }

  wait(parent: number, target: number): number {
    return this.call(parent, 'wait', {}, { target });
  }

  print(process: number, text: string, stream: 'stdout' | 'stderr' = 'stdout'): number {
    return this.#add({ kind: 'output', process, stream, text });
  }

  /** The signal that the scenario sends when nothing else moves. */
  stop(process: number, action: SignalEvent['action'] = 'handler'): number {
    return this.#add({ kind: 'signal', process, signal: 'SIGTERM', from: 'scenario', action });
  }

  /** A planned signal, unless `from` says otherwise. */
  signal(
    process: number,
    action: SignalEvent['action'] = 'handler',
    from: SignalEvent['from'] = 'scenario',
    placement?: Placement,
    signal: SignalName = 'SIGTERM',
  ): number {
    const place = from === 'scenario' ? { placement: placement ?? ('before' as const), call: 1 } : {};
    return this.#add({ kind: 'signal', process, signal, from, action, ...place });
  }

  exit(process: number, code = 0): number {
    this.trace.processes[process]!.exit = { code };
    const seq = this.#add({ kind: 'exit', process, exit: { code } });
    for (const [child, { parent, exit }] of this.trace.processes.entries())
      if (parent === process && exit === null) this.#add({ kind: 'orphan', process: child });
    return seq;
  }

  die(process: number, signal: `SIG${string}` = 'SIGSEGV'): number {
    this.trace.processes[process]!.exit = { signal };
    return this.#add({ kind: 'exit', process, exit: { signal } });
  }

  end(end: RunEnd): this {
    this.trace.end = end;
    return this;
  }

  run(formats: Formats = {}): Run {
    return createRun(this.trace, formats);
  }

  #made(id: number, key: number, creator: number, createdAt: number) {
    return { id, key, mode: 0o600, creator, createdAt, remover: null, removedAt: null, left: true };
  }

  #add(event: Unplaced): number {
    const seq = this.trace.events.length;
    this.trace.events.push({ ...event, seq });
    return seq;
  }
}

/** A struct { int; int; char[8] } without its mtype. */
export function pack(first: number, second = 0, text = ''): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(first, 0);
  bytes.writeInt32LE(second, 4);
  bytes.write(text, 8);
  return bytes;
}
