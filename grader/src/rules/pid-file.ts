import { z } from 'zod';
import { decodeBytes, type FileState, type FileStep, getFilesAtStart, replayFiles } from '../model/files.js';
import { getCalls, getName, getRole, getRoot, isComplete, isSignalled, type Run } from '../model/run.js';
import { quoteText, showText } from '../model/text.js';
import { defineRule, type Found } from './rule.js';
import { takeEvents } from './words.js';

const parameters = z.strictObject({
  path: z.string().min(1).describe('The file, below the working folder: daemon.pid'),
  role: z.string().describe('Whose pid it holds'),
  newline: z.boolean().default(false).describe('Must a newline follow the pid?'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  missing: 'No process of the role made the file',
  torn: 'A process read the file before the pid was in it',
  'wrong-pid': 'The file holds something else than the pid of the process that made it',
  'no-newline': 'The file holds the pid, and no newline after it',
  'taken-over': 'A process put its pid in the place of another one that is alive',
  'removed-others': 'A process removed the file of another one that is alive',
  'stale-kept': 'A process ended because of a file whose process is gone',
  left: 'A process ended and left its file',
};
type Code = keyof typeof codes;

/** Who made a file, or has written it last. */
interface Holder {
  process: number;
  seq: number;
}

/** A look at the file by another process than the one that had made it by then. */
interface Look {
  file: number;
  holder: Holder;
  seq: number;
  process: number;
  content: string;
}

/** Somebody else's file goes, by rename, write or unlink, while its process is alive. */
interface Loss {
  holder: Holder;
  event: FileStep['event'];
  isRemoval: boolean;
}

interface Story {
  steps: FileStep[];
  /** Of files that have, or had, the name, and that a process of the role has made or written. */
  named: Map<number, Holder>;
  looks: Look[];
  losses: Loss[];
}

const getDeath = ({ trace }: Run, process: number): number =>
  trace.events.find((event) => event.kind === 'exit' && event.process === process)?.seq ?? Infinity;
const getBirth = ({ trace }: Run, process: number): number =>
  trace.events.find((event) => event.kind === 'start' && event.process === process)?.seq ?? 0;
const isAlive = (run: Run, process: number, seq: number): boolean => getDeath(run, process) > seq;
const isPid = (content: string): boolean => /^\d+\s*$/.test(content);
const read = (state: FileState, file: number): string | null => {
  const content = state.getContent(file);
  return content === null ? null : decodeBytes(content);
};

/** Who had removed its queue was on its way out: if it then removes the file of the one who took its place, that is the mistake. */
function isLeft(run: Run, { holder, event, isRemoval }: Loss, { losses }: Story): boolean {
  const hasRemovedQueue = getCalls(run, undefined, holder.process).some(
    ({ seq, args, error }) => seq < event.seq && args.cmd === 'IPC_RMID' && error === undefined,
  );
  return (
    !isRemoval && hasRemovedQueue && losses.some((other) => other.isRemoval && other.event.process === holder.process)
  );
}

function checkLosses(run: Run, story: Story, path: string): Found<Code>[] {
  return story.losses
    .filter((loss) => !isLeft(run, loss, story))
    .map(({ holder, event: { process, seq, name }, isRemoval }) => {
      const [who, other, shown] = [getName(run, process), getName(run, holder.process), showText(path)];
      return {
        code: isRemoval ? 'removed-others' : 'taken-over',
        message: isRemoval
          ? `${who} removed ${shown}, which was ${other}'s, and ${other} is alive.`
          : `${who} put itself in the place of ${other} in ${shown}, and ${other} is alive.`,
        events: takeEvents(holder.seq, seq),
        expected: isRemoval
          ? 'removed by the process whose pid it holds'
          : 'made only if it is not there (O_EXCL, or link)',
        actual: `${name} by ${who}`,
        processes: [process],
      };
    });
}

/** Follows the file through the run. */
function follow(run: Run, { path, role }: Parameters): Story {
  const story: Story = { steps: [], named: new Map(), looks: [], losses: [] };
  const holders = new Map<number, Holder>();
  for (const step of replayFiles(run)) {
    const { event, file, given, taken, isWrite, before } = step;
    const { process, seq, name } = event;
    const old = before.paths.get(path);
    const held = old === undefined ? undefined : holders.get(old);
    // What a rename replaces, what an unlink takes away, what a write changes.
    const isLost = old !== undefined && (taken.includes(path) || (isWrite && file === old));
    if (isLost && held && held.process !== process && isAlive(run, held.process, seq)) {
      const isRemoval = name === 'unlink' || (name === 'rename' && event.args.path === path);
      story.losses.push({ holder: held, event, isRemoval });
    }
    const content = before.getContent(file);
    if (name === 'read' && file === old && content !== null && held && held.process !== process)
      story.looks.push({ file, holder: held, seq, process, content: decodeBytes(content) });
    const isMade = run.trace.files![file]!.createdAt === seq;
    if ((isWrite || isMade) && getRole(run, process) === role) holders.set(file, { process, seq });
    const holder = holders.get(file);
    if (holder && (given.includes(path) || (isWrite && file === old))) story.named.set(file, holder);
    story.steps.push(step);
  }
  return story;
}

/** A look while the one who made the file had still to write. */
function checkTorn(run: Run, { looks, steps }: Story, { path }: Parameters): Found<Code>[] {
  return looks.flatMap(({ file, holder, seq, process, content }): Found<Code>[] => {
    const later = steps.find(
      (step) => step.isWrite && step.file === file && step.event.seq > seq && step.event.process === holder.process,
    );
    if (!later && isPid(content)) return [];
    return [
      {
        code: 'torn',
        message: `${getName(run, process)} read ${showText(path)} before the pid was in it.`,
        events: takeEvents(holder.seq, seq, later?.event.seq),
        expected: 'a whole pid, or no file',
        actual: content === '' ? 'an empty file' : `a file that holds ${quoteText(content)}`,
        processes: [process],
      },
    ];
  });
}

/** Whose pid it is, if it is one of those that came with the process by fork, and has lived longer: a parent may register its child. */
const getRelative = (run: Run, content: string | null, process: number, seq: number): number | undefined => {
  const found = run.trace.processes.findIndex(({ pid }) => String(pid) === content?.trim());
  const isOther = found >= 0 && found !== process && getRoot(run, found) === getRoot(run, process);
  return isOther && isAlive(run, found, seq) ? found : undefined;
};

/** The file says who made it, or who has it now. */
function checkContent(run: Run, { named }: Story, last: FileState, wanted: Parameters): Found<Code>[] {
  const path = showText(wanted.path);
  return [...named].flatMap(([file, holder]): Found<Code>[] => {
    const content = read(last, file);
    if (content === null || run.trace.processes[holder.process]!.exit?.code === undefined) return [];
    const { pid, name } = run.trace.processes[holder.process]!;
    const isTrue =
      content.trim() === String(pid) || getRelative(run, content, holder.process, holder.seq) !== undefined;
    if (isTrue && (!wanted.newline || /^\d+\n$/.test(content))) return [];
    if (isTrue)
      return [
        {
          code: 'no-newline',
          message: `${name} made ${path}, and no newline follows the pid.`,
          events: takeEvents(holder.seq),
          expected: quoteText(`${content.trim()}\n`),
          actual: quoteText(content),
          processes: [holder.process],
        },
      ];
    return [
      {
        code: 'wrong-pid',
        message: `${name} made ${path}, and its pid is not what the file holds.`,
        events: takeEvents(holder.seq),
        expected: `the pid of ${name}`,
        actual: content === '' ? 'an empty file' : quoteText(content),
        processes: [holder.process],
      },
    ];
  });
}

/** What is there of each process of the role when it has ended by itself. */
function checkEnds(run: Run, { steps, named }: Story, { path, role }: Parameters): Found<Code>[] {
  return run.trace.processes.flatMap((record, process): Found<Code>[] => {
    if (record.role !== role || record.exit?.code === undefined) return [];
    const death = getDeath(run, process);
    const state = steps.findLast(({ event }) => event.seq < death)?.after ?? getFilesAtStart(run);
    const file = state.paths.get(path);
    if (file === undefined) return [];
    const own = [...named].find(([, holder]) => holder.process === process);
    const content = read(state, file);
    if (own?.[0] === file && getRelative(run, content, process, death) === undefined)
      return [
        {
          code: 'left',
          message: `${record.name} ended and left ${showText(path)}.`,
          events: takeEvents(own[1].seq, death),
          expected: 'removed when its process ends',
          actual: 'still there',
          processes: [process],
        },
      ];
    if (own || record.parent !== null || record.exit.code === 0) return [];
    if (content === null || isSignalled(run, process)) return [];
    if (isAnyones(run, content, getBirth(run, process))) return [];
    if (hasFoundObject(run, process)) return [];
    return [
      {
        code: 'stale-kept',
        message: `${record.name} ended with ${record.exit.code} because of ${showText(path)}, though the process of that pid is gone.`,
        events: takeEvents(death),
        expected: 'a file whose process is gone is replaced',
        actual: `${quoteText(content)} was taken for somebody who is alive`,
        processes: [process],
      },
    ];
  });
}

/** An object that was there already may be why it ended, whatever the file says. */
const hasFoundObject = (run: Run, process: number): boolean =>
  getCalls(run, undefined, process).some(({ name, error }) => /^(?:msg|sem|shm)get$/.test(name) && error === 'EEXIST');

/** Has it been the pid of a process that lived then, or later? */
const isAnyones = (run: Run, content: string, since: number): boolean =>
  run.trace.processes.some(({ pid }, process) => String(pid) === content.trim() && isAlive(run, process, since));

function checkMade(run: Run, { named }: Story, { path, role }: Parameters): Found<Code>[] {
  // In a run that we ended it might still have come.
  if (named.size > 0 || !isComplete(run) || isSignalled(run)) return [];
  return [
    {
      code: 'missing',
      message: `No ${role} made ${showText(path)}.`,
      events: [],
      expected: `${showText(path)}, with the pid of a ${role}`,
      actual: 'not made',
      processes: [],
    },
  ];
}

/** Whoever offers a service says in a file which process it is; the file is whole, unique, and true. */
export const pidFile = defineRule<Parameters, Code>({
  name: 'pid-file',
  summary:
    'The file with the pid of a process is whole when others read it, is of one living process, and goes with it',
  why: 'Others send their signals to whatever number stands in the file: it must be the pid of the process that they mean.',
  source: 'Lecture 6: Signals',
  codes,
  hints: [
    'Who may look at the file, or make it, between two of these calls?',
    'Which flag of open, and which call beside rename, fails if the name is there already?',
    'Write the pid to a file of another name and link it to the final one; on EEXIST read the pid and ask kill(pid, 0) whether it is alive; unlink the file last of all.',
  ],
  parameters,
  aboutFiles: true,
  check(run, wanted) {
    const story = follow(run, wanted);
    const last = story.steps.at(-1)?.after ?? getFilesAtStart(run);
    const atEnds = checkEnds(run, story, wanted);
    return [
      // Who gave way to one that is gone has made none because of that.
      ...(atEnds.some(({ code }) => code === 'stale-kept') ? [] : checkMade(run, story, wanted)),
      ...checkLosses(run, story, wanted.path),
      ...checkTorn(run, story, wanted),
      ...checkContent(run, story, last, wanted),
      ...atEnds,
    ];
  },
});
