import type { CallEvent, ObjectRecord } from '@ipclab/native/supervisor';
import { z } from 'zod';
import {
  getCalls,
  getContentsAt,
  getName,
  getRole,
  getRoot,
  getSleepersAt,
  isComplete,
  isSignalled,
  type Run,
} from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { hasCalled, hasSent } from './tested.js';
import {
  nameExit,
  nameMessage,
  nameQueue,
  nameSegment,
  nameSelection,
  nameSemaphores,
  nameSignal,
  takeEvents,
} from './words.js';

/** The families of System V objects, by what they are called in lab.yaml. */
const FAMILIES = {
  queues: { field: 'queue', control: 'msgctl', get: 'msgget', noun: 'queue', title: 'message queue', name: nameQueue },
  segments: {
    field: 'segment',
    control: 'shmctl',
    get: 'shmget',
    noun: 'segment',
    title: 'shared memory segment',
    name: nameSegment,
  },
  semaphores: {
    field: 'semaphores',
    control: 'semctl',
    get: 'semget',
    noun: 'semaphore set',
    title: 'semaphore set',
    name: nameSemaphores,
  },
} as const;
type Family = (typeof FAMILIES)[keyof typeof FAMILIES];

/** One object of the trace. */
interface Place {
  family: Family;
  record: ObjectRecord;
  index: number;
}
const nameObject = ({ family, index }: Place): string => family.name(index);

const parameters = z.strictObject({
  objects: z
    .array(z.enum(['queues', 'segments', 'semaphores']))
    .min(1)
    .default(['queues'])
    .describe('Which objects must be removed: shared memory segments and semaphore sets outlive their users as well'),
  by: z
    .string()
    .optional()
    .describe(
      'Role that must remove them, or `creator`: the process that made it, or a relative by fork, or `creator-alone`: not even those; any if not said',
    ),
  once: z.boolean().default(false).describe('Is even trying to remove a queue twice a mistake?'),
  early: z
    .enum(['never', 'after-signal', 'always'])
    .default('after-signal')
    .describe(
      'When a queue may be removed while messages are in it or another process sleeps on it (or on a semaphore of the set): after a planned signal has reached a process, if not said',
    ),
  made: z
    .int()
    .min(0)
    .optional()
    .describe('At least so many of each of the `objects` must be made in a run without a planned signal'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  left: 'A queue, segment or semaphore set is left when every process is gone',
  'wrong-remover': 'An object was removed by a process that should not',
  'too-early-pending': 'A queue was removed with messages in it',
  'too-early-waiting': 'A queue, or a semaphore set, was removed while another process slept on it',
  twice: 'A process tried to remove what was removed already',
  'decoy-removed': "A stranger's queue was removed",
  'not-made': 'Fewer objects were made than the lab asks for',
};
type Code = keyof typeof codes;

const removals = (run: Run, { family, index }: Place): CallEvent[] =>
  getCalls(run, family.control).filter((call) => call.args.cmd === 'IPC_RMID' && call[family.field] === index);

/** May that process remove a queue of that creator? */
const mayRemove = (run: Run, process: number, creator: number, by: string | undefined): boolean =>
  by === undefined ||
  (by === 'creator-alone' && process === creator) ||
  (by === 'creator' ? getRoot(run, process) === getRoot(run, creator) : getRole(run, process) === by);

const nameRemover = (run: Run, creator: number, by: string): string =>
  by.startsWith('creator') ? getName(run, creator) : `the ${by}`;

function checkRemover(run: Run, place: Place, removal: CallEvent, { by }: Parameters): Found<Code>[] {
  const { creator, createdAt, key } = place.record;
  const who = getName(run, removal.process);
  if (creator === null)
    return [
      {
        code: 'decoy-removed',
        message: `${who} removed a queue that was there before and belongs to somebody else.`,
        events: [removal.seq],
        expected: 'only queues of the program itself are removed',
        actual: `the queue with key ${key} is gone`,
        processes: [removal.process],
      },
    ];
  if (by === undefined || mayRemove(run, removal.process, creator, by)) return [];
  const remover = nameRemover(run, creator, by);
  return [
    {
      code: 'wrong-remover',
      message: `${who} removed ${nameObject(place)}${by.startsWith('creator') ? ` of ${remover}` : `; that is the task of ${remover}`}.`,
      events: takeEvents(createdAt, removal.seq),
      expected: `removed by ${remover}`,
      actual: `removed by ${who}`,
      processes: [removal.process],
    },
  ];
}

/** What a sleeper waits for: `a message of type 3 in it`. */
function nameSleep({ name, args }: CallEvent): string {
  if (name === 'semop') return 'a semaphore of it';
  return `${name === 'msgrcv' ? nameSelection(args.msgtyp ?? 0) : 'room'} in it`;
}

function checkEarly(run: Run, place: Place, removal: CallEvent, { early }: Parameters): Found<Code>[] {
  if (early === 'always' || (early === 'after-signal' && isSignalled(run, undefined, removal.seq))) return [];
  const who = getName(run, removal.process);
  // What other threads of the remover wait for is its own business.
  const sleeper = getSleepersAt(run, place.index, removal.seq, place.family.field).find(
    ({ process }) => process !== removal.process,
  );
  if (sleeper)
    return [
      {
        code: 'too-early-waiting',
        message: `${who} removed ${nameObject(place)} while ${getName(run, sleeper.process)} was still waiting for ${nameSleep(sleeper)}; its ${sleeper.name} fails with ${sleeper.error ?? 'EIDRM'}.`,
        events: takeEvents(removal.seq, sleeper.seq),
        expected: 'removed when nobody needs it any more',
        actual: `${getName(run, sleeper.process)} still needed it`,
        processes: [removal.process, sleeper.process],
      },
    ];
  const [first, ...others] = place.family.field === 'queue' ? getContentsAt(run, place.index, removal.seq) : [];
  if (!first) return [];
  return [
    {
      code: 'too-early-pending',
      message: `${who} removed ${nameObject(place)} with ${others.length === 0 ? 'a message' : `${others.length + 1} messages`} still in it: ${nameMessage(first)}.`,
      events: takeEvents(first.sentAt, removal.seq),
      expected: 'every message is received before the queue is removed',
      actual: 'removing it destroyed what was in it',
      processes: [removal.process],
    },
  ];
}

function checkTwice(run: Run, place: Place): Found<Code>[] {
  const [first, second] = removals(run, place);
  if (!first || !second) return [];
  return [
    {
      code: 'twice',
      message: `${getName(run, second.process)} tried to remove ${nameObject(place)}, which ${first.process === second.process ? 'it had' : `${getName(run, first.process)} had`} removed already.`,
      events: takeEvents(first.seq, second.seq),
      expected: 'removed exactly once',
      actual: `a second IPC_RMID${second.error === undefined ? '' : ` (${second.error})`}`,
      processes: [second.process],
    },
  ];
}

/** Was everybody who could have removed it killed by a planned signal that nobody can catch? */
function isBeyondRemoval(run: Run, creator: number, by: string | undefined): boolean {
  const killed = new Set(
    run.signals
      .filter(({ signal, action }) => signal === 'SIGKILL' && action === 'killed')
      .map(({ process }) => process),
  );
  if (killed.size === 0) return false;
  return run.trace.processes.every(
    (_, process) => killed.has(process) || !mayRemove(run, process, creator, by ?? 'creator'),
  );
}

/** The call that a process gave up after: its last, if that failed, and its exit status says so too. */
function findFatalCall(run: Run, process: number): CallEvent | undefined {
  const last = getCalls(run, undefined, process).at(-1);
  const code = run.trace.processes[process]?.exit?.code ?? 0;
  return last?.error !== undefined && code !== 0 ? last : undefined;
}

function checkLeft(run: Run, place: Place, { by }: Parameters): Found<Code>[] {
  const { family, index, record } = place;
  const { creator, createdAt, left } = record;
  if (!left || creator === null || !isComplete(run) || isBeyondRemoval(run, creator, by)) return [];
  const ended = run.trace.events.find(({ kind, process }) => kind === 'exit' && process === creator);
  const signal = run.signals[0];
  const failed = findFatalCall(run, creator);
  const why = failed
    ? ` ${getName(run, creator)} had ended with ${nameExit(run.trace.processes[creator]!.exit!)} after ${failed.name} failed with ${failed.error}.`
    : '';
  const pending = family.field === 'queue' ? run.trace.queues[index]!.pending.length : 0;
  const content = pending === 0 ? '' : `, with ${pending === 1 ? 'a message' : `${pending} messages`} in it`;
  return [
    {
      code: 'left',
      message: `${signal ? `${nameSignal(run, signal)}. ` : ''}Every process has ended, and ${nameObject(place)}, made by ${getName(run, creator)}, is still there${content}.${why}`,
      events: failed ? takeEvents(signal?.seq, failed.seq, ended?.seq) : takeEvents(createdAt, signal?.seq, ended?.seq),
      expected: `removed with ${family.control}(…, IPC_RMID)${by === undefined ? '' : ` by ${nameRemover(run, creator, by)}`}`,
      actual: 'left behind',
      processes: [creator],
    },
  ];
}

function checkObject(run: Run, place: Place, wanted: Parameters): Found<Code>[] {
  const removal = removals(run, place).find(({ error }) => error === undefined);
  const wrong = removal ? checkRemover(run, place, removal, wanted) : [];
  return [
    ...wrong,
    // Who should not have removed it cannot have done it at the right time.
    ...(removal && wrong.length === 0 ? checkEarly(run, place, removal, wanted) : []),
    ...(wanted.once ? checkTwice(run, place) : []),
    ...checkLeft(run, place, wanted),
  ];
}

function checkMade(run: Run, family: Family, places: readonly Place[], wanted: Parameters): Found<Code>[] {
  const made = places.filter(({ record }) => record.creator !== null).length;
  if (wanted.made === undefined || made >= wanted.made || !isComplete(run) || isSignalled(run)) return [];
  return [
    {
      code: 'not-made',
      message:
        made === 0 ? `The program made no ${family.title}.` : `The program made only ${made} of its ${family.noun}s.`,
      events: [],
      expected: `at least ${wanted.made} made with ${family.get}`,
      actual: String(made),
      why: `A ${family.noun} comes into being by ${family.get} with IPC_PRIVATE or IPC_CREAT, with permission bits that let its users in.`,
      source: `${family.get}(2), Lecture 6: IPC_CREAT`,
      processes: [],
    },
  ];
}

/** Every queue (or segment, or semaphore set) is removed: by whom, when, how often, and nothing left. */
export const queuesRemoved = defineRule<Parameters, Code>({
  name: 'queues-removed',
  summary:
    'Every queue (segment, semaphore set) that the program makes is removed, by the right process, and not too early',
  why: 'A queue, segment or semaphore set belongs to no process: it outlives all that use it, until one of them removes it with IPC_RMID.',
  source: 'msgctl(2), shmctl(2), semctl(2), Lecture 6: IPC_RMID',
  tested: {
    by: 'a program that asks for a queue, or another object; a message, where none may be in the queue that is removed',
    isIn: (run, { early }) =>
      hasCalled(run, undefined, ['msgget', 'shmget', 'semget']) && (early !== 'never' || hasSent(run)),
  },
  codes,
  reasons: {
    'wrong-remover': {
      why: 'Who removes it takes it from all others; so it is agreed who does it: the one that knows when all are done.',
      source: 'msgctl(2), Lecture 6: IPC_RMID',
    },
    'too-early-pending': {
      why: 'IPC_RMID removes a queue at once, and destroys all messages in it: nobody can receive them any more.',
      source: 'msgctl(2), Lecture 6: IPC_RMID',
    },
    'too-early-waiting': {
      why: 'IPC_RMID removes a queue or a semaphore set at once; all that sleep on it are woken, and their calls fail with EIDRM.',
      source: 'msgctl(2), msgrcv(2), semop(2)',
    },
    twice: {
      why: 'Ids are given out again: a second IPC_RMID fails with EINVAL, or one day removes what is somebody else’s.',
      source: 'msgctl(2)',
    },
    'decoy-removed': {
      why: 'All programs of a machine share one set of keys; a queue that msgget found, and did not make, may be somebody else’s. IPC_EXCL tells.',
      source: 'msgget(2), Lecture 6: IPC_EXCL',
    },
  },
  hints: [
    'Who is the last to need the queue, and how does that process know it?',
    'IPC_RMID immediately deletes the queue and all messages inside, and nothing else does, not even the end of all processes. Follow every way to the end: errors and signals, too.',
    'Let one process alone call msgctl with IPC_RMID, when the others have answered or were waited for; block the signals that can end it, or handle them, from before msgget until then.',
  ],
  example: '{ by: server, once: true, made: 1 }',
  parameters,
  check: (run, wanted) =>
    [...new Set(wanted.objects)].flatMap((objects) => {
      const family = FAMILIES[objects];
      const places = run.trace[objects].map((record, index): Place => ({ family, record, index }));
      return [...places.flatMap((place) => checkObject(run, place, wanted)), ...checkMade(run, family, places, wanted)];
    }),
});
