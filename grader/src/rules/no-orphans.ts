import { z } from 'zod';
import { getCalls, getName, isComplete, isSignalled } from '../model/run.js';
import { defineRule, type Found } from './rule.js';

const parameters = z.strictObject({
  zombies: z.boolean().default(false).describe('Must a parent also wait for each child that has ended?'),
  signalled: z
    .enum(['check', 'skip'])
    .default('skip')
    .describe('Must it hold, too, when a planned signal has reached a process?'),
});

const codes = {
  orphan: 'A process ended before its child',
  zombie: 'A process never waited for a child that had ended',
};

/** No process outlives its parent. */
export const noOrphans = defineRule<z.infer<typeof parameters>, keyof typeof codes>({
  name: 'no-orphans',
  summary: 'No process outlives the parent that forked it',
  why: 'A child whose parent is gone has nobody who learns how it ended; a parent waits for each of its children.',
  source: 'waitpid(2)',
  codes,
  parameters,
  check(run, { zombies, signalled }) {
    if (signalled === 'skip' && isSignalled(run)) return [];
    const { events, processes } = run.trace;
    const found: Found<keyof typeof codes>[] = [];
    const orphans = new Set<number>();
    for (const event of events) {
      if (event.kind !== 'orphan') continue;
      orphans.add(event.process);
      const parent = processes[event.process]!.parent!;
      const ended = events.findLast(
        ({ kind, process, seq }) => kind === 'exit' && process === parent && seq < event.seq,
      );
      found.push({
        code: 'orphan',
        message: `${getName(run, parent)} ended while its child ${getName(run, event.process)} was still running.`,
        events: [...(ended ? [ended.seq] : []), event.seq],
        expected: `${getName(run, parent)} waits for ${getName(run, event.process)}`,
        actual: `${getName(run, event.process)} is an orphan`,
        processes: [parent, event.process],
      });
    }
    if (!zombies || !isComplete(run)) return found;
    const waited = new Set(getCalls(run, 'wait').map(({ target }) => target));
    for (const [child, { parent, exit }] of processes.entries())
      if (parent !== null && exit !== null && !orphans.has(child) && !waited.has(child))
        found.push({
          code: 'zombie',
          message: `${getName(run, parent)} never waited for its child ${getName(run, child)}, which had ended.`,
          events: events
            .filter(({ kind, process }) => kind === 'exit' && (process === child || process === parent))
            .map(({ seq }) => seq),
          expected: 'one wait for each child',
          actual: 'a zombie until the parent ended',
          processes: [parent, child],
        });
    return found;
  },
});
