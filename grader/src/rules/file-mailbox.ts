import { z } from 'zod';
import { type FileStep, replayFiles, splitPath } from '../model/files.js';
import { getName, isComplete, isSignalled, type Run } from '../model/run.js';
import { quoteText, showText } from '../model/text.js';
import { isMessagePath, isWhole, type Mailbox, mailboxSchema, nameContent } from './mailbox.js';
import { defineRule, type Found } from './rule.js';
import { takeEvents } from './words.js';

const parameters = z.strictObject({
  ...mailboxSchema,
  min: z.int().min(0).default(0).describe('At least so many messages must appear, in a run without a planned signal'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'written-in-place': 'A message was written under its final name, where others can read it half',
  unfinished: 'A message got its final name before it was complete',
  'torn-read': 'A process read a message that was not complete',
  overwritten: 'A message took the name, and so the place, of another one',
  'not-sent': 'Fewer messages appeared than the lab asks for',
  'foreign-touched': 'A file that is not a message, or not one yet, was changed, moved or removed by another process',
};
type Code = keyof typeof codes;

/** A message: a file that has, or had, a name by which others find it. */
interface Published {
  path: string;
  /** Null if it was there at the start. */
  seq: number | null;
  maker: number | null;
}

interface Read {
  file: number;
  seq: number;
  process: number;
  content: string | null;
}

const quote = (text: string): string => quoteText(text, 24);
const told = (content: string | null): string => nameContent(content, quote);
const isMadeNow = (run: Run, file: number, seq: number | null): boolean =>
  seq !== null && run.trace.files![file]!.createdAt === seq;

/** The file gets a message's name: then it must be complete, and the name free, or that of the same message sent again. */
function checkName(run: Run, { event, file, before }: FileStep, path: string, wanted: Mailbox): Found<Code>[] {
  const content = before.getContent(file);
  const replaced = before.paths.get(path);
  const old = replaced === undefined ? null : before.getContent(replaced);
  const [who, name] = [getName(run, event.process), showText(path)];
  const shown = { events: takeEvents(event.seq), processes: [event.process] };
  if (!isWhole(wanted, content))
    return [
      {
        code: 'unfinished',
        message: `${who} gave the name ${name} to a file that was not complete: it ${told(content)}.`,
        expected: 'complete before it gets its final name',
        actual: told(content),
        ...shown,
      },
    ];
  if (content === null || old === null || old === content || !isWhole(wanted, old)) return [];
  return [
    {
      code: 'overwritten',
      message: `${who} gave a new message the name ${name}, which another one still had: that one is lost.`,
      expected: 'a name that no other message has',
      actual: `replaced a message that ${told(old)}`,
      ...shown,
    },
  ];
}

/** A name that was taken first, empty, perhaps to put the message there later: those who look find it already. */
function checkEmpty(
  run: Run,
  published: ReadonlyMap<number, Published>,
  writes: readonly FileStep[],
  wanted: Mailbox,
): Found<Code>[] {
  return [...published].flatMap(([file, { path, seq, maker }]): Found<Code>[] => {
    if (
      !isMadeNow(run, file, seq) ||
      maker === null ||
      isWhole(wanted, '') ||
      writes.some((write) => write.file === file)
    )
      return [];
    return [
      {
        code: 'unfinished',
        message: `${getName(run, maker)} made ${showText(path)} empty, under its final name.`,
        events: takeEvents(seq),
        expected: 'complete before it gets its final name',
        actual: 'is empty',
        processes: [maker],
      },
    ];
  });
}

/** Somebody changes a message that others can see. */
function checkWrite(run: Run, { event, file }: FileStep, message: Published): Found<Code> {
  const { seq, path } = message;
  const isInPlace = isMadeNow(run, file, seq);
  const [who, name] = [getName(run, event.process), showText(path)];
  return {
    code: isInPlace ? 'written-in-place' : 'unfinished',
    message: isInPlace
      ? `${who} made ${name} under its final name, and then wrote into it: whoever looks in between finds a part of a message.`
      : `${who} changed ${name} when it had its final name already.`,
    events: takeEvents(seq, event.seq),
    expected: 'complete before it gets its final name',
    actual: isInPlace ? 'open and write under the final name' : `${event.name} after it got its final name`,
    processes: [event.process],
  };
}

/** Somebody read what was a part only, or was going to change. */
function checkRead(
  run: Run,
  { file, seq, process, content }: Read,
  message: Published,
  writes: readonly FileStep[],
  wanted: Mailbox,
): Found<Code>[] {
  const later = writes.find(
    (write) => write.file === file && write.event.seq > seq && write.event.process === message.maker,
  );
  if (process === message.maker || (isWhole(wanted, content) && !later)) return [];
  return [
    {
      code: 'torn-read',
      message: `${getName(run, process)} read ${showText(message.path)} before it was complete.`,
      events: takeEvents(message.seq, seq, later?.event.seq),
      expected: 'a message is seen whole, or not at all',
      actual: `the file ${told(content)} at that moment`,
      processes: [process],
    },
  ];
}

/** Is it none of this process's business: there before all, or another's who still works on it? */
function isForeign(run: Run, { event, file }: FileStep): boolean {
  const { creator } = run.trace.files![file]!;
  if (creator === null) return true;
  const end = run.trace.events.find(({ kind, process }) => kind === 'exit' && process === creator);
  return creator !== event.process && (end === undefined || end.seq > event.seq);
}

/** A file of the mailbox that is no message. */
function checkForeign(run: Run, step: FileStep, wanted: Mailbox): Found<Code>[] {
  const { event, taken, isWrite, before } = step;
  const path = taken[0] ?? (isWrite ? event.args.path! : undefined);
  if (path === undefined || splitPath(path).folder !== wanted.mailbox || isMessagePath(wanted, path)) return [];
  if (!before.paths.has(path) || !isForeign(run, step)) return [];
  const name = showText(path);
  return [
    {
      code: 'foreign-touched',
      message: `${getName(run, event.process)} made ${event.name} of ${name}, which is no message, and not its own.`,
      events: takeEvents(run.trace.files![step.file]!.createdAt, event.seq),
      expected: `${name} is left alone`,
      actual: `${event.name}(${[name, ...(event.args.to === undefined ? [] : [showText(event.args.to)])].join(', ')})`,
      processes: [event.process],
    },
  ];
}

function checkSent(run: Run, published: ReadonlyMap<number, Published>, { min, mailbox }: Parameters): Found<Code>[] {
  const count = new Set([...published.values()].map(({ path }) => path)).size;
  // In a run that we ended, they might still have come; and who was killed cannot send.
  if (count >= min || !isComplete(run) || isSignalled(run)) return [];
  return [
    {
      code: 'not-sent',
      message:
        count === 0
          ? `No message appeared in ${mailbox}.`
          : `Only ${count} of at least ${min} messages appeared in ${mailbox}.`,
      events: [],
      expected: min === 1 ? 'at least one message' : `at least ${min} messages`,
      actual: count === 0 ? 'none' : String(count),
      processes: [],
    },
  ];
}

function checkMailbox(run: Run, wanted: Parameters): Found<Code>[] {
  const found: Found<Code>[] = [];
  const published = new Map<number, Published>();
  const reads: Read[] = [];
  const writes: FileStep[] = [];
  for (const [file, { path, creator }] of (run.trace.files ?? []).entries())
    if (creator === null && isMessagePath(wanted, path)) published.set(file, { path, seq: null, maker: null });

  for (const step of replayFiles(run)) {
    const { event, file, given, isWrite, before } = step;
    const { seq, process, name } = event;
    const message = published.get(file);
    found.push(...checkForeign(run, step, wanted));
    if (isWrite && message && before.paths.get(message.path) === file) found.push(checkWrite(run, step, message));
    if (isWrite) writes.push(step);
    if (name === 'read') reads.push({ file, seq, process, content: before.getContent(file) });
    for (const path of given.filter((each) => isMessagePath(wanted, each))) {
      if (name !== 'open') found.push(...checkName(run, step, path, wanted));
      published.set(file, { path, seq, maker: run.trace.files![file]!.creator });
    }
  }
  return [
    ...found,
    ...checkSent(run, published, wanted),
    ...checkEmpty(run, published, writes, wanted),
    ...reads.flatMap((read) => {
      const message = published.get(read.file);
      return message && (message.seq ?? -1) < read.seq ? checkRead(run, read, message, writes, wanted) : [];
    }),
  ];
}

/** A message in a mailbox of files is seen whole, under a name of its own, or not at all. */
export const fileMailbox = defineRule<Parameters, Code>({
  name: 'file-mailbox',
  summary:
    'A message in a mailbox of files gets its name when it is complete, a name of its own; other files are left alone',
  why: 'The reader scans the directory at any moment, also between two writes: only rename and link make a whole file appear in one step.',
  source: 'rename(2), Lecture 6: The File System',
  codes,
  reasons: {
    overwritten: {
      why: 'If the sender chooses distinct file names, it will not overwrite a message when a second one is made before the receiver picks up the first.',
      source: 'Lecture 6: The File System',
    },
    'not-sent': {
      why: 'The receiver scans the agreed upon location, and knows of nothing else.',
      source: 'Lecture 6: The File System',
    },
    'foreign-touched': {
      why: 'A directory belongs to all who use it: what a program did not make, and what is not addressed to it, is not for it to change.',
      source: 'the handout',
    },
  },
  hints: [
    'What does the other program find if it looks in the directory between two of these calls?',
    'Which call gives a finished file its name in one step, and which names does the other program not look at?',
    'Write the whole message to a name that nobody looks for (with a dot before it), close it, and only then rename or link it to its final name.',
  ],
  parameters,
  aboutFiles: true,
  check(run, wanted) {
    // What a process does once it does again: its first time tells all.
    const said = new Set<string>();
    return checkMailbox(run, wanted).filter(({ code, processes }) => {
      const id = `${code} ${processes[0]}`;
      return !said.has(id) && said.add(id);
    });
  },
});
