import { type Trace, TRACE_VERSION } from '@ipclab/native/supervisor';
import { z } from 'zod';

/**
 * The shape of a trace that comes from outside (a file). Traces of our own engine are not checked at run time; that the two agree is
 * checked by the compiler, below, and by a test on real ones.
 */

const place = z.int().min(0);
const count = z.int().min(0);
const nullable = place.nullable();
const signal = z.templateLiteral(['SIG', z.string()]);
const exit = z.union([z.strictObject({ code: z.int() }), z.strictObject({ signal })]);
const placement = z.enum(['before', 'entry', 'blocked', 'after']);

const callName = z.enum([
  'msgget',
  'msgsnd',
  'msgrcv',
  'msgctl',
  'shmget',
  'shmat',
  'shmdt',
  'shmctl',
  'semget',
  'semop',
  'semctl',
  'fork',
  'execve',
  'wait',
  'kill',
  'sigaction',
  'sigprocmask',
  'sigpending',
  'sigsuspend',
  'sigtimedwait',
  'pause',
  'alarm',
  'sleep',
  'poll',
  ...(['open', 'read', 'write', 'truncate', 'close', 'rename', 'link'] as const),
  ...(['symlink', 'unlink', 'mkdir', 'rmdir', 'getdents'] as const),
]);

const args = z.strictObject({
  key: z.int().optional(),
  id: z.int().optional(),
  mode: z.int().optional(),
  flags: z.array(z.string()).optional(),
  cmd: z.string().optional(),
  mtype: z.number().optional(),
  msgtyp: z.number().optional(),
  sizeBytes: z.number().optional(),
  pid: z.int().optional(),
  signal: z.union([signal, z.literal('0')]).optional(),
  disposition: z.enum(['default', 'ignore', 'handler']).optional(),
  how: z.enum(['SIG_BLOCK', 'SIG_UNBLOCK', 'SIG_SETMASK']).optional(),
  signals: z.array(signal).optional(),
  status: exit.optional(),
  seconds: z.number().optional(),
  timeoutMs: z.number().optional(),
  operations: z.array(z.strictObject({ num: z.int(), op: z.int(), flags: z.array(z.string()) })).optional(),
  path: z.string().optional(),
  to: z.string().optional(),
  fd: z.int().optional(),
  offset: z.number().optional(),
  data: z.base64().optional(),
});

const object = {
  id: z.int(),
  key: z.int(),
  mode: count,
  creator: nullable,
  createdAt: nullable,
  remover: nullable,
  removedAt: nullable,
  left: z.boolean(),
};

const process = z.strictObject({
  name: z.string(),
  role: z.string(),
  pid: z.int(),
  parent: nullable,
  exit: exit.nullable(),
  endedBySupervisor: z.boolean(),
  calls: count,
});

const message = z.strictObject({
  queue: place,
  mtype: z.number(),
  sizeBytes: count,
  data: z.base64(),
  sender: nullable,
  sentAt: nullable,
  receiver: nullable,
  receivedAt: nullable,
});

const file = z.strictObject({
  kind: z.enum(['file', 'folder', 'link']),
  path: z.string(),
  creator: nullable,
  createdAt: nullable,
  left: z.string().nullable(),
  before: z.base64().optional(),
  after: z.base64().optional(),
});

const base = { seq: place, process: place };
const event = z.discriminatedUnion('kind', [
  z.strictObject({ ...base, kind: z.literal('start') }),
  z.strictObject({
    ...base,
    kind: z.literal('call'),
    call: count,
    name: callName,
    args,
    result: z.number(),
    error: z.string().optional(),
    arrived: z.int(),
    waited: z.boolean(),
    queue: place.optional(),
    segment: place.optional(),
    semaphores: place.optional(),
    message: place.optional(),
    file: place.optional(),
    replaced: place.optional(),
    target: place.optional(),
    forced: z.boolean().optional(),
    thread: z.int().optional(),
    blocked: z.array(signal).optional(),
    inHandler: signal.optional(),
    place: z.string().optional(),
  }),
  z.strictObject({
    ...base,
    kind: z.literal('signal'),
    signal,
    from: z.union([place, z.enum(['scenario', 'kernel'])]),
    placement: placement.optional(),
    call: count.optional(),
    action: z.enum(['handler', 'ignored', 'killed', 'stopped', 'continued']),
  }),
  z.strictObject({ ...base, kind: z.literal('output'), stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.strictObject({ ...base, kind: z.literal('exit'), exit }),
  z.strictObject({ ...base, kind: z.literal('orphan') }),
  z.strictObject({ ...base, kind: z.literal('removal'), queue: place }),
]);

const wait = z.strictObject({
  process: place,
  call: count,
  name: z.union([callName, z.literal('unknown')]),
  args,
  kind: z.enum(['message', 'space', 'semaphore', 'child', 'signal', 'timer', 'event-loop', 'stopped', 'unknown']),
  queue: place.optional(),
  semaphores: place.optional(),
  certain: z.boolean(),
  inHandler: signal.optional(),
  place: z.string().optional(),
});

const causes = [
  'completed',
  'deadlock',
  'idle',
  'busy-waiting',
  'wall-limit',
  'cpu-limit',
  'memory-limit',
  'output-limit',
  'file-limit',
  'step-limit',
  'fault',
] as const;

const outcome = z.strictObject({
  status: z.enum(['landed', 'not-reached', 'not-blocked', 'process-gone']),
  seq: place.optional(),
});

export const traceSchema = z.strictObject({
  version: z.literal(TRACE_VERSION),
  processes: z.array(process),
  queues: z.array(z.strictObject({ ...object, kind: z.literal('queue'), pending: z.array(place), maxBytes: count })),
  segments: z.array(z.strictObject({ ...object, kind: z.literal('segment'), sizeBytes: count })),
  semaphores: z.array(z.strictObject({ ...object, kind: z.literal('semaphores'), count })),
  messages: z.array(message),
  files: z.array(file).optional(),
  events: z.array(event),
  end: z.strictObject({
    cause: z.enum(causes),
    waits: z.array(wait),
    process: place.optional(),
    detail: z.string().optional(),
  }),
  deviations: z.array(z.strictObject({ at: z.string(), call: count, to: z.string() })),
  injections: z.array(outcome),
  faults: z.array(outcome),
  misses: z.array(
    z.strictObject({ deviation: place, reason: z.enum(['not-reached', 'not-able']), seq: place.optional() }),
  ),
  points: z
    .array(
      z.strictObject({
        at: z.string(),
        call: count,
        to: z.string(),
        able: z.array(z.string()),
        usual: z.string(),
        preempts: z.boolean(),
        seq: place,
      }),
    )
    .optional(),
  choices: count,
});

/** Optional fields may be undefined for zod and may not for us; in a file there is no difference. */
type Loose<T> = T extends readonly (infer E)[]
  ? Loose<E>[]
  : T extends object
    ? { [K in keyof T]: Loose<T[K]> | (undefined extends T[K] ? undefined : never) }
    : T;
type Extends<A, B> = [Loose<A>] extends [Loose<B>] ? true : false;
// A compile error here says that native/src/trace.ts has changed: change the schema too, and TRACE_VERSION.
const agree: [Extends<Trace, z.infer<typeof traceSchema>>, Extends<z.infer<typeof traceSchema>, Trace>] = [true, true];
void agree;

/** Throws a ZodError with the place of the first thing that is not as in a trace of this version. */
export function parseTrace(value: unknown): Trace {
  return traceSchema.parse(value) as Trace;
}
