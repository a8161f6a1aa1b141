import type { CallEvent, TraceEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getName, getRole, isSignalled, type Run } from '../model/run.js';
import { quoteText } from '../model/text.js';
import { Attachments } from './attachments.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasCalled } from './tested.js';
import { nameMessage, nameSegment, takeEvents } from './words.js';

const announcement = z.union([
  z.strictObject({ message: z.string().describe('A message of this format') }),
  z.strictObject({
    semaphore: z.int().min(0).describe('Raising this semaphore of its set; who then takes from it is told'),
  }),
]);
const parameters = z.strictObject({
  detached: z.boolean().default(true).describe('Must a process that ends by itself have detached what it attached?'),
  announced: z
    .array(
      z.strictObject({
        by: announcement.describe('What tells others that data are in the shared memory'),
        from: z.string().optional().describe('Role that writes and announces; any if not said'),
        to: z
          .string()
          .optional()
          .describe('Role that reads: it prints nothing on stdout before it has received an announcement'),
      }),
    )
    .default([])
    .describe('How data in shared memory are announced: whoever does it must have attached the memory before'),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;
type Announcement = Parameters['announced'][number];

const codes = {
  'not-detached': 'A process ended with a segment attached',
  'attached-late': 'A process attached a segment that was removed already',
  'announced-too-early': 'Data were announced by a process that cannot have written them yet',
  'read-too-early': 'A reader went on before it was told that the data are there',
};
type Code = keyof typeof codes;

function checkDetached(run: Run, event: TraceEvent, attachments: Attachments, wanted: Parameters): Found<Code>[] {
  const { kind, process } = event;
  if (kind !== 'exit' || event.exit.signal !== undefined || !wanted.detached) return [];
  if (isExcused(run, wanted.signalled, [process])) return [];
  return attachments.getOwn(process).map(({ segment, seq }) => ({
    code: 'not-detached',
    message: `${getName(run, process)} ended with ${nameSegment(segment)} still attached.`,
    events: takeEvents(seq, event.seq),
    expected: 'an shmdt for each shmat',
    actual: 'left to the kernel',
    processes: [process],
  }));
}

/** In a run with a signal the attacher may have got the id just before. */
function checkLate(run: Run, { name, process, seq, error, segment }: CallEvent): Found<Code>[] {
  const record = segment === undefined ? undefined : run.trace.segments[segment];
  if (name !== 'shmat' || error !== undefined || !record || record.removedAt === null) return [];
  if (record.removedAt > seq || isSignalled(run)) return [];
  const remover = record.remover === null ? '' : ` by ${getName(run, record.remover)}`;
  return [
    {
      code: 'attached-late',
      message: `${getName(run, process)} attached ${nameSegment(segment!)}, which was removed already${remover}.`,
      events: takeEvents(record.removedAt, seq),
      expected: 'removed when nobody will attach it any more',
      actual: 'attached after IPC_RMID',
      processes: [process, ...(record.remover === null ? [] : [record.remover])],
    },
  ];
}

/** Does the call raise that semaphore, or take from it? */
function operates({ name, args, error }: CallEvent, semaphore: number, raises: boolean): boolean {
  const operations = name === 'semop' && error === undefined ? (args.operations ?? []) : [];
  return operations.some(({ num, op }) => num === semaphore && (raises ? op > 0 : op <= 0));
}

const isOfFormat = (run: Run, { message }: CallEvent, format: string): boolean =>
  message !== undefined && run.messages[message]?.format === format;

const isAnnouncing = (run: Run, call: CallEvent, { by, from }: Announcement): boolean =>
  (from === undefined || getRole(run, call.process) === from) &&
  ('message' in by ? call.name === 'msgsnd' && isOfFormat(run, call, by.message) : operates(call, by.semaphore, true));

const isTold = (run: Run, call: CallEvent, { by }: Announcement): boolean =>
  'message' in by ? call.name === 'msgrcv' && isOfFormat(run, call, by.message) : operates(call, by.semaphore, false);

/** What one announcement is about: who is told, and who goes on untold; each process is told of once. */
function createAnnouncementCheck(run: Run, wanted: Announcement, attachments: Attachments) {
  const told = new Set<number>();
  const done = new Set<number>();
  return (event: TraceEvent): Found<Code>[] => {
    const { process, seq } = event;
    if (event.kind === 'call' && isTold(run, event, wanted)) told.add(process);
    if (done.has(process)) return [];
    if (event.kind === 'call' && isAnnouncing(run, event, wanted)) {
      if (attachments.hasEver(process)) return [];
      done.add(process);
      const what =
        event.message === undefined ? 'raised a semaphore' : `sent a ${nameMessage(run.messages[event.message]!)}`;
      return [
        {
          code: 'announced-too-early',
          message: `${getName(run, process)} ${what}, before it had attached any shared memory.`,
          events: [seq],
          expected: 'attached, written, announced',
          actual: 'announced, and nothing can be written yet',
          processes: [process],
        },
      ];
    }
    const isReader = wanted.to !== undefined && getRole(run, process) === wanted.to;
    if (!isReader || event.kind !== 'output' || event.stream !== 'stdout') return [];
    if (told.has(process) || !attachments.hasEver(process)) return [];
    done.add(process);
    const [line] = event.text.split('\n');
    return [
      {
        code: 'read-too-early',
        message: `${getName(run, process)} printed ${quoteText(line!)} before anybody had told it that the data are there.`,
        events: [seq],
        expected: 'told, read, printed',
        actual: 'not told',
        processes: [process],
      },
    ];
  };
}

/** Shared memory is announced when it is written, detached by its users, and not attached after its removal. */
export const sharedMemory = defineRule<Parameters, Code>({
  name: 'shared-memory',
  summary:
    'Data in shared memory are announced after they are written; each user detaches, and nobody attaches what is removed',
  why: 'Nothing in the memory tells a reader whether the data are there yet: the writer finishes them first, and then says so by a message or a semaphore.',
  source: 'shmop(2), Lecture 6: Shared Memory',
  tested: {
    by: 'a segment that is attached',
    isIn: (run) => hasCalled(run, undefined, ['shmat']),
  },
  codes,
  reasons: {
    'not-detached': {
      why: 'The kernel counts who is attached; a segment that is marked for removal goes when the last one detaches. At its end a process is detached, but one that lives on holds the memory.',
      source: 'shmop(2): shmdt',
    },
    'attached-late': {
      why: 'IPC_RMID takes the segment’s key away, and it goes with its last user: who still comes then shares it with nobody new, or gets EINVAL.',
      source: 'shmctl(2): IPC_RMID',
    },
  },
  hints: [
    'How does a reader learn that the bytes that it is about to read have been written?',
    'Put the calls of writer and reader side by side: shmat, write, announce; be told, read, shmdt. Which comes too early?',
    'Attach first, write everything, and only then send the message (or raise the semaphore) for which the reader waits; at the end of each program call shmdt.',
  ],
  parameters,
  check(run, wanted) {
    const attachments = new Attachments(run);
    const checks = isExcused(run, wanted.signalled)
      ? []
      : wanted.announced.map((each) => createAnnouncementCheck(run, each, attachments));
    return run.trace.events.flatMap((event) => {
      const found = [
        ...checkDetached(run, event, attachments, wanted),
        ...(event.kind === 'call' ? checkLate(run, event) : []),
      ];
      attachments.advance(event);
      return [...found, ...checks.flatMap((check) => check(event))];
    });
  },
});
