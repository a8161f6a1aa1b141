import { z } from 'zod';
import { getCalls, getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { findSections, type Imbalance, type Lock, type Section } from './sections.js';
import { hasCalled } from './tested.js';
import { nameExit, nameMessage, nameQueue, nameSemaphores, takeEvents } from './words.js';

const parameters = z.strictObject({
  lock: z
    .union([
      z.strictObject({
        semaphore: z
          .int()
          .min(0)
          .describe('Its number in its set. It is 1 at first; −1 takes it, and +1 gives it back'),
      }),
      z.strictObject({
        token: z.string().describe('A message of this format: whoever has received it is inside, until it sends it on'),
      }),
    ])
    .default({ semaphore: 0 })
    .describe('What makes the critical section'),
  guards: z
    .array(
      z.strictObject({
        send: z.string().describe('Who sends a message of this format …'),
        after: z
          .string()
          .optional()
          .describe('… must have been inside since it received its last message of this format; ever, if not said'),
        from: z.string().optional().describe('Only of this role'),
      }),
    )
    .default([])
    .describe('Messages that tell of data that are written inside the critical section'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'left-taken': 'A process ended, and what it had taken stays taken',
  'given-twice': 'A process gave the semaphore back, and when it ended the kernel did so once more',
  'two-inside': 'Two processes were inside the critical section at the same time',
  unguarded: 'A process told of data that it cannot have written inside the critical section',
};
type Code = keyof typeof codes;

const nameLock = (lock: Lock, object: number): string =>
  'token' in lock ? `the token of ${nameQueue(object)}` : `semaphore ${lock.semaphore} of ${nameSemaphores(object)}`;

function tellImbalance(run: Run, lock: Lock, { process, object, seq, ended, by }: Imbalance): Found<Code> {
  const [who, what] = [getName(run, process), nameLock(lock, object)];
  const { exit } = run.trace.processes[process]!;
  const how = exit?.signal === undefined ? 'ended' : `was ${nameExit(exit)}`;
  const place = { events: takeEvents(seq, ended), processes: [process] };
  return by < 0
    ? {
        code: 'left-taken',
        message: `${who} ${how}, and ${what} stays taken: nobody can take it any more.`,
        expected: 'given back, or taken with SEM_UNDO',
        actual: 'taken for ever',
        ...place,
      }
    : {
        code: 'given-twice',
        message: `${who} ${how}, and ${what} was given back once more, by the kernel: now two can take it.`,
        expected: 'SEM_UNDO in both operations, or in none',
        actual: 'one too many',
        ...place,
      };
}

/** The first two that were inside together. */
function checkOverlap(run: Run, lock: Lock, sections: readonly Section[]): Found<Code>[] {
  for (const [index, second] of sections.entries()) {
    const first = sections
      .slice(0, index)
      .find(
        ({ process, object, given }) =>
          process !== second.process && object === second.object && (given ?? endOf(run, process)) > second.taken,
      );
    if (!first) continue;
    return [
      {
        code: 'two-inside',
        message: `${getName(run, second.process)} took ${nameLock(lock, second.object)} while ${getName(run, first.process)} had it.`,
        events: takeEvents(first.taken, second.taken, first.given),
        expected: 'one at a time',
        actual: 'two inside',
        processes: [first.process, second.process],
      },
    ];
  }
  return [];
}

/** Who is dead is not inside, even if it has given nothing back. */
const endOf = (run: Run, wanted: number): number =>
  run.trace.events.find(({ kind, process }) => kind === 'exit' && process === wanted)?.seq ?? Infinity;

function checkGuard(
  run: Run,
  lock: Lock,
  sections: readonly Section[],
  { send, after, from }: Parameters['guards'][number],
): Found<Code>[] {
  const told = new Set<number>();
  return run.messages.flatMap((message): Found<Code>[] => {
    const { sender, sentAt } = message;
    if (message.format !== send || sender === null || sentAt === null || told.has(sender)) return [];
    if (from !== undefined && getRole(run, sender) !== from) return [];
    const since = getCalls(run, 'msgrcv', sender).findLast(
      (call) => call.seq < sentAt && call.message !== undefined && run.messages[call.message]?.format === after,
    );
    const isInside = sections.some(
      ({ process, taken, given }) =>
        process === sender && taken < sentAt && (given === null || given > (since?.seq ?? -1)),
    );
    if (isInside) return [];
    told.add(sender);
    const name = 'token' in lock ? 'the token' : `semaphore ${lock.semaphore}`;
    return [
      {
        code: 'unguarded',
        message: `${getName(run, sender)} sent a ${nameMessage(message)}, and had not taken ${name} ${since ? `since it received the ${nameMessage(run.messages[since.message!]!)}` : 'before'}.`,
        events: takeEvents(since?.seq, sentAt),
        expected: 'taken, written, given back, and only then sent',
        actual: 'never taken',
        processes: [sender],
      },
    ];
  });
}

/** Shared data are used by one process at a time, and nobody ends with the lock. */
export const semaphores = defineRule<Parameters, Code>({
  name: 'semaphores',
  summary: 'One process at a time is inside the critical section, and whoever ends leaves the lock free',
  why: 'Processes that share memory overwrite one another’s changes, unless only one at a time reads and writes: it takes the lock before, and gives it back after.',
  source: 'semop(2), Lecture 6: co-ordination',
  tested: {
    by: 'an operation on a semaphore',
    isIn: (run) => hasCalled(run, undefined, ['semop']),
  },
  codes,
  reasons: {
    'left-taken': {
      why: 'A semaphore does not know who has taken it. The kernel gives it back for a process that ends, however it ends, only if it was taken with SEM_UNDO.',
      source: 'semop(2): SEM_UNDO',
    },
    'given-twice': {
      why: 'The kernel undoes the sum of all operations with SEM_UNDO when the process ends; what was given back without the flag is not in that sum.',
      source: 'semop(2): SEM_UNDO',
    },
  },
  hints: [
    'What would happen if the process lost the processor, or its life, at each single line here?',
    'Look at each semop: who has taken the semaphore between it and the next one, and what becomes of it if that process is killed?',
    'Take it by { op: -1, flags: SEM_UNDO } before the first look at the shared data, give it back by { op: 1, flags: SEM_UNDO } after the last write, and send messages about the data after that.',
  ],
  parameters,
  check(run, { lock, guards }) {
    const { sections, imbalances } = findSections(run, lock);
    return [
      ...imbalances.map((imbalance) => tellImbalance(run, lock, imbalance)),
      ...checkOverlap(run, lock, sections),
      ...guards.flatMap((guard) => checkGuard(run, lock, sections, guard)),
    ];
  },
});
