import { z } from 'zod';
import { getCalls, getName, isComplete, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { hasForked } from './tested.js';
import { takeEvents } from './words.js';

const parameters = z.strictObject({
  zombies: z.boolean().default(false).describe('Must a parent also wait for each child that has ended?'),
  signalled: signalledSchema,
});

const codes = {
  orphan: 'A process ended before its child',
  zombie: 'A process never waited for a child that had ended',
};
type Code = keyof typeof codes;

function checkOrphans(run: Run): Found<Code>[] {
  const { events, processes } = run.trace;
  return events.flatMap((event): Found<Code>[] => {
    const parent = processes[event.process]?.parent ?? null;
    if (event.kind !== 'orphan' || parent === null) return [];
    const ended = events.findLast(({ kind, process, seq }) => kind === 'exit' && process === parent && seq < event.seq);
    const [parentName, child] = [getName(run, parent), getName(run, event.process)];
    return [
      {
        code: 'orphan',
        message: `${parentName} ended while its child ${child} was still running.`,
        events: takeEvents(ended?.seq, event.seq),
        expected: `${parentName} waits for ${child}`,
        actual: `${child} is an orphan`,
        processes: [parent, event.process],
      },
    ];
  });
}

/** Had it, or one from which it comes by fork, told the kernel that its children need not be waited for? */
function hasNoZombies(run: Run, process: number): boolean {
  for (let each: number | null = process; each !== null; each = run.trace.processes[each]?.parent ?? null)
    if (
      getCalls(run, 'sigaction', each).some(
        ({ args }) =>
          args.signal === 'SIGCHLD' && (args.disposition === 'ignore' || (args.flags ?? []).includes('SA_NOCLDWAIT')),
      )
    )
      return true;
  return false;
}

function checkZombies(run: Run, orphans: ReadonlySet<number>): Found<Code>[] {
  const waited = new Set(getCalls(run, 'wait').map(({ target }) => target));
  const endOf = (wanted: number) =>
    run.trace.events.find(({ kind, process }) => kind === 'exit' && process === wanted)?.seq;
  return run.trace.processes.flatMap(({ parent, exit }, child): Found<Code>[] => {
    if (parent === null || exit === null || orphans.has(child) || waited.has(child) || hasNoZombies(run, parent))
      return [];
    return [
      {
        code: 'zombie',
        message: `${getName(run, parent)} never waited for its child ${getName(run, child)}, which had ended.`,
        events: takeEvents(endOf(child), endOf(parent)),
        expected: 'one wait for each child',
        actual: 'a zombie until the parent ended',
        processes: [parent, child],
      },
    ];
  });
}

/** No process outlives its parent. */
export const noOrphans = defineRule<z.infer<typeof parameters>, Code>({
  name: 'no-orphans',
  summary: 'No process outlives the parent that forked it',
  why: 'A child whose parent is gone has nobody who learns how it ended; so a parent waits for each of its children before it ends.',
  source: 'waitpid(2)',
  tested: {
    by: 'a child that is forked',
    isIn: (run) => hasForked(run),
  },
  codes,
  reasons: {
    zombie: {
      why: 'The kernel keeps a process that has ended until its parent waits for it: its exit status, and its place in the process table.',
      source: 'waitpid(2): NOTES',
    },
  },
  hints: [
    'After fork there are two processes: which of them ends first, and does the other notice?',
    'A process that was forked goes on when its parent ends. The parent learns of its end by waitpid, once for each child.',
    'Before the parent ends, on every way to its end, have it call waitpid for each child until all have been reaped; a call that fails with EINTR is made again.',
  ],
  example: '{ zombies: true, signalled: unreached }',
  parameters,
  check(run, { zombies, signalled }) {
    const orphans = checkOrphans(run);
    const children = new Set(orphans.map(({ processes }) => processes[1]!));
    // Whoever was ended by us might still have waited.
    const found = [...orphans, ...(zombies && isComplete(run) ? checkZombies(run, children) : [])];
    return found.filter(({ processes }) => !isExcused(run, signalled, processes));
  },
});
