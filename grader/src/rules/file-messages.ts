import { z } from 'zod';
import { decodeBytes, decodeContent, replayFiles, splitPath } from '../model/files.js';
import { getName, isComplete, type Run } from '../model/run.js';
import { quoteText, showText } from '../model/text.js';
import { isMessagePath, isWhole, mailboxSchema, nameContent } from './mailbox.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { takeEvents } from './words.js';

const parameters = z.strictObject({
  ...mailboxSchema,
  done: z
    .string()
    .describe('Folder in which the result of a message appears, under the name that the message had in the mailbox'),
  claims: z
    .string()
    .optional()
    .describe(
      'Folder with what importers have claimed; a file that is there at the start is the message with which its name begins',
    ),
  results: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('Messages that must be sent, by name, and what their results must say, as JSON'),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  twice: 'A message was worked on twice: its result was made again, though it was complete',
  lost: 'A message was sent, and is gone, and nobody made its result',
  'left-behind': 'A message was sent, and is still waiting, or still claimed, though all have ended',
  'half-done': 'The result of a message is incomplete',
  'wrong-result': 'The result of a message says something else than it should',
  'not-sent': 'A message that must be sent never got its name in the mailbox',
};
type Code = keyof typeof codes;

/** A message, by its name: the same one sent again is the same. */
interface Story {
  name: string;
  /** Files that were it. */
  files: Set<number>;
  sentAt: number | null;
  sender: number | null;
  /** Events that gave a file the name of its result, or emptied that. */
  made: { seq: number; process: number; isAgain: boolean }[];
}

/** Of the messages that the lab names, the one that a file among the claims is. */
function getClaimed(path: string, { claims, results = {} }: Parameters): string | undefined {
  const { folder, name } = splitPath(path);
  return folder === claims ? Object.keys(results).find((message) => name.startsWith(message)) : undefined;
}

function createStories(run: Run, wanted: Parameters): Story[] {
  const stories = new Map<string, Story>();
  const send = (path: string, file: number, sentAt: number | null, sender: number | null): void => {
    const { name } = splitPath(path);
    const story = stories.get(name) ?? { name, files: new Set(), sentAt, sender, made: [] };
    story.files.add(file);
    stories.set(name, story);
  };
  for (const [file, { path, creator }] of (run.trace.files ?? []).entries())
    if (creator === null) {
      if (isMessagePath(wanted, path)) send(path, file, null, null);
      const claimed = getClaimed(path, wanted);
      if (claimed !== undefined) send(claimed, file, null, null);
    }

  for (const { event, file, given, isWrite, before } of replayFiles(run)) {
    const { seq, process, args, name } = event;
    for (const path of given) if (isMessagePath(wanted, path)) send(path, file, seq, process);
    // To add to a result is to finish it; to empty it is to begin again.
    const named = isWrite && name !== 'write' ? [args.path!] : [];
    for (const path of new Set([...given, ...named])) {
      const { folder, name: called } = splitPath(path);
      const story = folder === wanted.done ? stories.get(called) : undefined;
      if (!story) continue;
      const old = before.paths.get(path);
      const isGone = old === undefined && story.made.length > 0;
      story.made.push({
        seq,
        process,
        isAgain: isGone || (old !== undefined && isWhole(wanted, before.getContent(old))),
      });
    }
  }
  return [...stories.values()];
}

function checkTwice(run: Run, { name, made }: Story): Found<Code>[] {
  const again = made.find(({ isAgain }) => isAgain);
  if (!again) return [];
  const first = made[0]!;
  const [once, twice] = [getName(run, first.process), getName(run, again.process)];
  return [
    {
      code: 'twice',
      message: `${once === twice ? `${once} made the result of ${showText(name)} twice` : `${once} made the result of ${showText(name)}, and ${twice} made it again`}.`,
      events: takeEvents(first.seq, again.seq),
      expected: 'one result of each message',
      actual: 'made twice',
      processes: [...new Set([first.process, again.process])],
    },
  ];
}

/** The order of names in an object does not count. */
function isSameJson(content: string, wanted: unknown): boolean {
  const sort = (value: unknown): string =>
    JSON.stringify(value, (_, inner: unknown) =>
      inner !== null && typeof inner === 'object' && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    );
  try {
    return sort(JSON.parse(decodeBytes(content))) === sort(wanted);
  } catch {
    return false;
  }
}

/** What became of a message, when all have ended. */
function checkEnd(run: Run, { name, files, sentAt, sender, made }: Story, wanted: Parameters): Found<Code>[] {
  const shown = showText(name);
  const from = sender === null ? '' : ` that ${getName(run, sender)} sent`;
  const processes = sender === null ? [] : [sender];
  const records = run.trace.files!;
  const result = records.find(({ left }) => left === `${wanted.done}/${name}`);
  const content = decodeContent(result?.after);
  if (result && !isWhole(wanted, content))
    return [
      {
        code: 'half-done',
        message: `The result of ${shown} is not complete: it ${nameContent(content, quoteText)}.`,
        events: takeEvents(made.at(-1)?.seq),
        expected: 'a result that is complete',
        actual: nameContent(content, quoteText),
        processes: made.slice(-1).map(({ process }) => process),
      },
    ];
  const right = wanted.results?.[name];
  if (right !== undefined && content !== null && !isSameJson(content, right))
    return [
      {
        code: 'wrong-result',
        message: `The result of ${shown} is not right.`,
        events: takeEvents(made.at(-1)?.seq),
        expected: JSON.stringify(right),
        actual: quoteText(decodeBytes(content), 100),
        processes: made.slice(-1).map(({ process }) => process),
      },
    ];
  if (made.length > 0) return [];
  const left = [...files].flatMap((file) => records[file]!.left ?? [])[0];
  const last = run.trace.events.findLast(
    (event) =>
      event.kind === 'call' &&
      event.error === undefined &&
      ['rename', 'link', 'unlink'].includes(event.name) &&
      files.has(event.file ?? -1),
  );
  return [
    left === undefined
      ? {
          code: 'lost',
          message: `The message ${shown}${from} is gone, and there is no result of it.`,
          events: takeEvents(sentAt, last?.seq),
          expected: `a result ${showText(wanted.done)}/${shown}`,
          actual: 'neither message nor result',
          processes,
        }
      : {
          code: 'left-behind',
          message: `All have ended, and nobody has worked on the message ${shown}${from}.`,
          events: takeEvents(sentAt, last?.seq),
          expected: `a result ${showText(wanted.done)}/${shown}`,
          actual: `the message lies in ${showText(left)}`,
          processes,
        },
  ];
}

function checkSent(stories: readonly Story[], { results = {}, mailbox }: Parameters): Found<Code>[] {
  const missing = Object.keys(results).filter((name) => !stories.some((story) => story.name === name));
  if (missing.length === 0) return [];
  return [
    {
      code: 'not-sent',
      message: `Nobody sent ${missing[0]}${missing.length === 1 ? '' : `, nor ${missing.length - 1} more`}.`,
      events: [],
      expected: `${mailbox}/${missing[0]} appears`,
      actual:
        stories.length === 0 ? 'no message at all' : `sent: ${stories.map(({ name }) => showText(name)).join(' ')}`,
      processes: [],
    },
  ];
}

/** Each message in a mailbox of files is worked on once, whoever is killed and started again. */
export const fileMessages = defineRule<Parameters, Code>({
  name: 'file-messages',
  summary: 'Each message in a mailbox of files is worked on exactly once, over kills and restarts',
  why: 'Files outlive the process that was at work on them: whoever is started next must see from them alone what is done and what is not.',
  source: 'Lecture 6: The File System',
  codes,
  hints: [
    'If the process is killed just after this call, what does the next one find in each folder, and what will it do?',
    'For each message there must be at every moment exactly one file that says where it stands: waiting, claimed, or done.',
    'Claim by rename, make the result under another name, give it its final name by rename or link, and only then remove the claim; at the start look at the claims of those who are gone.',
  ],
  parameters,
  aboutFiles: true,
  check(run, wanted) {
    const stories = createStories(run, wanted);
    const twice = stories.flatMap((story) => checkTwice(run, story));
    // In a run that we ended, what is missing might still have come.
    if (!isComplete(run)) return twice;
    const isOwed = ({ sender }: Story): boolean => !isExcused(run, wanted.signalled, sender === null ? [] : [sender]);
    const owed = stories.filter(isOwed).flatMap((story) => checkEnd(run, story, wanted));
    return [...twice, ...owed, ...(isExcused(run, wanted.signalled) ? [] : checkSent(stories, wanted))];
  },
});
