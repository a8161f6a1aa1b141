import type { CallEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { replayFiles, splitPath } from '../model/files.js';
import { getCalls, getFamily, getName, isComplete, isSignalled, type Run } from '../model/run.js';
import { showText } from '../model/text.js';
import { getMessageName, isMessagePath, mailboxSchema } from './mailbox.js';
import { defineRule, type Found } from './rule.js';
import { takeEvents } from './words.js';

const { mailbox, names } = mailboxSchema;
const parameters = z.strictObject({
  mailbox,
  names,
  done: z.string().describe('Folder in which the result of a message appears: who makes it has taken the message'),
  claims: z
    .string()
    .optional()
    .describe(
      'Folder with what importers have claimed, under names that begin with that of the message; whoever took one over scans it again, too',
    ),
  min: z
    .int()
    .min(0)
    .default(0)
    .describe(
      'At least so many of the messages that are there at the start must be taken, if so many are there, in a run without a planned signal',
    ),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'not-again': 'A process took a message, and ended without another scan of the folder in which it had found it',
  'none-taken': 'Of the messages that were there at the start, fewer were taken than the lab asks for',
};
type Code = keyof typeof codes;

/** A process that the scenario started, with all that it forked. */
interface Importer {
  root: number;
  family: ReadonlySet<number>;
  /** Messages of which it made the result: its first call on each. */
  taken: { name: string; folder: string; seq: number }[];
}

function findImporters(run: Run): Importer[] {
  return run.trace.processes.flatMap(({ parent }, root) =>
    parent === null ? [{ root, family: new Set(getFamily(run, root)), taken: [] }] : [],
  );
}

/** Messages that are there at the start, or claimed then: file → name. */
const findWaiting = (run: Run, wanted: Parameters): Map<number, string> =>
  new Map(
    [...(run.trace.files ?? []).entries()].flatMap(([file, { path, creator }]) => {
      const name = creator === null ? getMessageName(wanted, path, wanted.claims) : undefined;
      return name === undefined ? [] : [[file, name] as const];
    }),
  );

/** Says which messages each has taken. */
function findTaken(run: Run, wanted: Parameters): Importer[] {
  const importers = findImporters(run);
  const called = findWaiting(run, wanted);
  const first = new Map<Importer, Map<string, CallEvent>>(importers.map((each) => [each, new Map()]));
  for (const { event, file, given } of replayFiles(run)) {
    const sent = given.find((path) => isMessagePath(wanted, path));
    if (sent !== undefined) called.set(file, splitPath(sent).name);
    const importer = importers.find(({ family }) => family.has(event.process))!;
    const touched = first.get(importer)!;
    const message = called.get(file);
    // Whoever sends a message does not take it.
    if (message !== undefined && sent === undefined && !touched.has(message)) touched.set(message, event);
    for (const { folder, name } of given.map(splitPath)) {
      const touch = folder === wanted.done ? touched.get(name) : undefined;
      if (touch) importer.taken.push({ name, folder: splitPath(touch.args.path!).folder, seq: touch.seq });
    }
  }
  return importers;
}

/** Did it end by itself, because it saw no reason to go on? */
function hasEnded({ trace }: Run, { family, root }: Importer): boolean {
  const isTold = trace.events.some(
    (event) =>
      event.kind === 'signal' && event.from === 'scenario' && event.action !== 'ignored' && family.has(event.process),
  );
  return !isTold && trace.processes[root]!.exit?.code === 0 && [...family].every((each) => trace.processes[each]!.exit);
}

function checkImporter(run: Run, importer: Importer, folder: string): Found<Code>[] {
  const { root, family, taken } = importer;
  const scans = getCalls(run, 'getdents').filter(
    // Every folder holds `.` and `..`: nothing is the end of a scan.
    ({ process, args, result }) => family.has(process) && args.path === folder && result > 0,
  );
  const scanned = scans.at(-1)?.seq;
  const late = taken.findLast((each) => each.folder === folder && each.seq > (scanned ?? Infinity));
  if (!late || !hasEnded(run, importer)) return [];
  const [who, name, shown] = [getName(run, root), showText(late.name), showText(folder)];
  const ended = run.trace.events.findLast(({ kind, process }) => kind === 'exit' && process === root);
  return [
    {
      code: 'not-again',
      message: `${who} took ${name} after its last scan of ${shown}, and ended: it did not look whether more had come meanwhile.`,
      events: takeEvents(scanned, late.seq, ended?.seq),
      expected: `the last scan of ${shown} finds nothing to take`,
      actual: `${name} taken, and no scan of ${shown} after it`,
      processes: [root],
    },
  ];
}

function checkCount(run: Run, importers: readonly Importer[], wanted: Parameters): Found<Code>[] {
  const waiting = new Set(findWaiting(run, wanted).values());
  const taken = new Set(importers.flatMap((each) => each.taken.map(({ name }) => name)));
  const count = [...waiting].filter((name) => taken.has(name)).length;
  // In a run that we ended, they might still have been taken; and who was killed cannot take any.
  if (count >= wanted.min || waiting.size < wanted.min || !isComplete(run) || isSignalled(run)) return [];
  return [
    {
      code: 'none-taken',
      message:
        count === 0
          ? 'Nobody took a message that was there at the start.'
          : `Of the messages that were there at the start, only ${count} of at least ${wanted.min} were taken.`,
      events: [],
      expected: wanted.min === 1 ? 'at least one message' : `at least ${wanted.min} messages`,
      actual: count === 0 ? 'none' : String(count),
      processes: [],
    },
  ];
}

/** Who takes messages from a mailbox of files goes on until a scan finds nothing that it could take. */
export const scansAgain = defineRule<Parameters, Code>({
  name: 'scans-again',
  summary: 'Who takes messages from a mailbox of files ends only after a scan that found nothing to take',
  why: 'While one message is worked on another one may come: only a scan that finds nothing shows that nothing waits.',
  source: 'Lecture 6: The File System',
  codes,
  reasons: {
    'none-taken': {
      why: 'The consumer program scans the directory, and imports the files that it finds there.',
      source: 'Lecture 6: The File System',
    },
  },
  hints: [
    'What was in the folder when it was read for the last time, and what may have come since?',
    'A list of names is as old as the call that made it: it grows no longer while its messages are worked on.',
    'Scan the folders, take what is there, and scan them again; end when a whole scan gave nothing to take.',
  ],
  parameters,
  aboutFiles: true,
  check(run, wanted) {
    const importers = findTaken(run, wanted);
    const folders = [wanted.mailbox, ...(wanted.claims === undefined ? [] : [wanted.claims])];
    return [
      ...importers.flatMap((importer) => folders.flatMap((folder) => checkImporter(run, importer, folder))),
      ...checkCount(run, importers, wanted),
    ];
  },
});
