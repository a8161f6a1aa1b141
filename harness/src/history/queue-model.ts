import type { FreeHistory, TypedMessage } from '@ipclab/native/supervisor';
import { hasFlag, type Model, type Operation } from './operation.js';
import {
  applyGet,
  getAlive,
  isPermitted,
  type KernelObject,
  noteReturn,
  type Objects,
  READING,
  wasRemovedUnder,
  withObject,
  WRITING,
} from './objects.js';

/** Message queues as in msgget(2), msgop(2), msgctl(2). The native supervisor has the same rules in supervisor/shadow_messages.cc. */

export interface QueuedMessage extends TypedMessage {
  sizeBytes: number;
  /** Place of its send in `FreeHistory.events`; negative for one that the scenario put there. */
  event: number;
}

export interface Queue extends KernelObject {
  maxBytes: number;
  bytes: number;
  messages: readonly QueuedMessage[];
}

export interface QueueLimits {
  /** msgmax; the kernel's default is 8192. */
  messageBytes: number;
  /** msgmnb; the kernel's default is 16384. */
  queueBytes: number;
}

export const DEFAULT_QUEUE_LIMITS: QueueLimits = { messageBytes: 8192, queueBytes: 16_384 };

export type Queues = Objects<Queue>;
type Left = FreeHistory['left']['queues'];

/** What a call would do in a state: sleep, fail, or succeed. */
type Outcome = 'blocks' | { error: string } | { queues: Queues; result?: number; message?: QueuedMessage };

const QUEUE_CALLS: ReadonlySet<string> = new Set(['msgget', 'msgsnd', 'msgrcv', 'msgctl']);
const MODELLED_COMMANDS = new Set(['IPC_RMID', 'IPC_SET', 'IPC_STAT']);
/** Those that walk the kernel's table say nothing about one queue. */
export const isAboutQueue = ({ name, args }: { name: string; args: { cmd?: string } }): boolean =>
  QUEUE_CALLS.has(name) && (name !== 'msgctl' || MODELLED_COMMANDS.has(args.cmd ?? ''));

const sizeOf = (data: string): number => Buffer.byteLength(data, 'base64');

export function createQueueModel(
  operations: readonly Operation[],
  decoys: FreeHistory['decoys'],
  left: Left | undefined,
  limits: QueueLimits,
): Model<Queues> {
  const removedUnder = new Set(
    operations.flatMap(({ call }) => (call.error === 'EIDRM' && call.args.id !== undefined ? [call.args.id] : [])),
  );
  const contents = new Map<string, number>();
  const getContent = ({ mtype, data }: TypedMessage): number => {
    const text = `${mtype} ${data}`;
    if (!contents.has(text)) contents.set(text, contents.size);
    return contents.get(text)!;
  };
  const openIds = createOpenIds(operations, decoys, left ?? []);
  const predict = (queues: Queues, operation: Operation): Outcome => predictCall(queues, operation, limits);

  return {
    initial: new Map(decoys.map((decoy) => [decoy.id, createDecoy(decoy, limits)])),
    apply(queues, operation) {
      const { call } = operation;
      const after =
        call.name === 'msgget'
          ? applyGet(
              queues,
              operation,
              () => createQueue(call.args.key ?? 0, call.args.mode ?? 0, limits),
              () => undefined,
              openIds.get(operation.event) ?? -1 - operation.event,
            )
          : applyCall(queues, operation, predict);
      return after && noteReturn(after, removedUnder, operation.returned);
    },
    wouldBlock: (queues, operation) =>
      (operation.call.name === 'msgsnd' || operation.call.name === 'msgrcv') && predict(queues, operation) === 'blocks',
    getKey: (queues) =>
      [...queues]
        .map(([id, { mode, maxBytes, messages, removedBefore }]) =>
          removedBefore === null
            ? `${id},${mode},${maxBytes}:${messages.map(getContent).join()}`
            : `${id}${removedUnder.has(id) ? `<${removedBefore}` : ''}`,
        )
        .toSorted()
        .join(' '),
    isEnd(queues) {
      if (!left) return true;
      const alive = [...queues].filter(([, { removedBefore }]) => removedBefore === null);
      return (
        left.every(({ id }) => getAlive(queues, id)) &&
        alive.every(([id, queue]) => {
          // What an open call has made may have an id that only the kernel knows.
          const there = id < 0 ? undefined : left.find((each) => each.id === id);
          return there !== undefined && isSame(queue, there.messages);
        })
      );
    },
  };
}

/** The message that a receive would take; undefined if there is none for it. */
export function chooseMessage({ messages }: Queue, operation: Operation): QueuedMessage | undefined {
  const wanted = operation.call.args.msgtyp ?? 0;
  if (hasFlag(operation, 'MSG_COPY')) return messages[wanted];
  if (wanted === 0) return messages[0];
  if (wanted > 0) {
    const except = hasFlag(operation, 'MSG_EXCEPT');
    return messages.find(({ mtype }) => (mtype === wanted) !== except);
  }
  const lowest = Math.min(...messages.map(({ mtype }) => mtype).filter((mtype) => mtype <= -wanted));
  return messages.find(({ mtype }) => mtype === lowest);
}

/** How a call on a queue must answer; for msgget see `applyGet`. */
function predictCall(queues: Queues, operation: Operation, limits: QueueLimits): Outcome {
  const { name, args } = operation.call;
  const id = args.id ?? -1;
  const queue = getAlive(queues, id);
  const size = args.sizeBytes ?? 0;
  if (name === 'msgsnd') {
    if (size < 0 || size > limits.messageBytes || (args.mtype ?? 1) < 1 || !queue) return { error: 'EINVAL' };
    if (!isPermitted(queue, WRITING)) return { error: 'EACCES' };
    // Messages are counted against the limit too: so empty ones fill a queue.
    if (queue.bytes + size > queue.maxBytes || queue.messages.length + 1 > queue.maxBytes)
      return hasFlag(operation, 'IPC_NOWAIT') ? { error: 'EAGAIN' } : 'blocks';
    const message = {
      mtype: args.mtype ?? 1,
      data: operation.call.data ?? '',
      sizeBytes: size,
      event: operation.event,
    };
    return { queues: withMessages(queues, id, [...queue.messages, message]), result: 0, message };
  }
  if (name === 'msgrcv') {
    const copies = hasFlag(operation, 'MSG_COPY');
    if (size < 0 || !queue || (copies && (hasFlag(operation, 'MSG_EXCEPT') || !hasFlag(operation, 'IPC_NOWAIT'))))
      return { error: 'EINVAL' };
    if (!isPermitted(queue, READING)) return { error: 'EACCES' };
    const message = chooseMessage(queue, operation);
    if (!message) return hasFlag(operation, 'IPC_NOWAIT') ? { error: 'ENOMSG' } : 'blocks';
    if (message.sizeBytes > size && (copies || !hasFlag(operation, 'MSG_NOERROR')))
      return { error: copies && hasFlag(operation, 'MSG_NOERROR') ? 'EINVAL' : 'E2BIG' };
    const rest = copies ? queue.messages : queue.messages.filter((each) => each !== message);
    return { queues: withMessages(queues, id, rest), result: Math.min(size, message.sizeBytes), message };
  }
  if (!queue) return { error: 'EINVAL' };
  if (args.cmd === 'IPC_STAT') return isPermitted(queue, READING) ? { queues, result: 0 } : { error: 'EACCES' };
  if (queue.isForeign) return { error: 'EPERM' };
  if (args.cmd === 'IPC_RMID')
    return { queues: withObject(queues, id, { ...queue, removedBefore: operation.returned }), result: 0 };
  const { mode = queue.mode, maxBytes = queue.maxBytes } = operation.call.status ?? {};
  if (maxBytes > limits.queueBytes) return { error: 'EPERM' };
  return { queues: withObject(queues, id, { ...queue, mode, maxBytes }), result: 0 };
}

function applyCall(
  queues: Queues,
  operation: Operation,
  predict: (queues: Queues, operation: Operation) => Outcome,
): Queues | undefined {
  const { name, args, error, result, status } = operation.call;
  const object = queues.get(args.id ?? -1);
  if (!operation.isOpen) {
    if (error === 'ENOMEM' || (error === 'EFAULT' && name !== 'msgrcv') || error === 'ENOSYS') return queues;
    // An owner that the user namespace does not know.
    if (error === 'EINVAL' && args.cmd === 'IPC_SET') return queues;
    if (error === 'EIDRM') return wasRemovedUnder(object, operation) ? queues : undefined;
  }
  const outcome = predict(queues, operation);
  // To be interrupted, it must have slept.
  if (outcome === 'blocks') return !operation.isOpen && error === 'EINTR' ? queues : undefined;
  if ('error' in outcome) return !operation.isOpen && error === outcome.error ? queues : undefined;
  if (operation.isOpen) return outcome.queues;
  if (error === 'EFAULT') return outcome.queues; // the message is gone all the same
  if (error !== undefined || result !== outcome.result) return undefined;
  if (name === 'msgrcv' && !isGot(outcome.message!, operation)) return undefined;
  if (args.cmd === 'IPC_STAT' && status && !isStatus(getAlive(queues, args.id)!, status)) return undefined;
  return outcome.queues;
}

function isGot(message: QueuedMessage, { call }: Operation): boolean {
  if (message.mtype !== call.args.mtype) return false;
  if (message.data === (call.data ?? '')) return true;
  const whole = Buffer.from(message.data, 'base64');
  return (
    call.result < message.sizeBytes && whole.subarray(0, call.result).equals(Buffer.from(call.data ?? '', 'base64'))
  );
}

const isStatus = (queue: Queue, status: NonNullable<Operation['call']['status']>): boolean =>
  queue.mode === status.mode &&
  queue.messages.length === status.messages &&
  queue.bytes === status.bytes &&
  queue.maxBytes === status.maxBytes;

const isSame = ({ messages }: Queue, others: readonly TypedMessage[]): boolean =>
  messages.length === others.length &&
  messages.every(({ mtype, data }, index) => mtype === others[index]!.mtype && data === others[index]!.data);

function withMessages(queues: Queues, id: number, messages: readonly QueuedMessage[]): Queues {
  const bytes = messages.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return withObject(queues, id, { ...queues.get(id)!, messages, bytes });
}

const createQueue = (key: number, mode: number, { queueBytes }: QueueLimits): Queue => ({
  key,
  mode,
  isForeign: false,
  removedBefore: null,
  maxBytes: queueBytes,
  bytes: 0,
  messages: [],
});

function createDecoy({ id, key, mode, messages }: FreeHistory['decoys'][number], limits: QueueLimits): Queue {
  const queued = messages.map((message, place) => ({
    ...message,
    sizeBytes: sizeOf(message.data),
    event: getDecoyEvent(id, place),
  }));
  const bytes = queued.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { ...createQueue(key, mode, limits), isForeign: true, messages: queued, bytes };
}

/** Stands for the send of a message that the scenario put there: a number of its own, negative. */
export const getDecoyEvent = (id: number, place: number): number => -1 - (id * 1_000_000 + place);

/** Ids that an open msgget may have made: they were seen, but no call that returned can have made them. */
function createOpenIds(
  operations: readonly Operation[],
  decoys: FreeHistory['decoys'],
  left: Left,
): ReadonlyMap<number, number> {
  const gets = operations.filter(({ call }) => call.name === 'msgget');
  const open = gets.filter(({ isOpen }) => isOpen);
  if (open.length === 0) return new Map();
  const made = new Set([
    ...decoys.map(({ id }) => id),
    ...gets.flatMap((each) => (!each.isOpen && hasFlag(each, 'IPC_CREAT') ? [each.call.result] : [])),
  ]);
  const seen = [
    ...gets.flatMap(({ isOpen, call }) => (isOpen || call.error !== undefined ? [] : [call.result])),
    ...left.map(({ id }) => id),
  ].filter((id) => !made.has(id));
  const ids = [...new Set(seen)];
  return new Map(open.flatMap(({ event }, index) => (ids[index] === undefined ? [] : [[event, ids[index]]])));
}
