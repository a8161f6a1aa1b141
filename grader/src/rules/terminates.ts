import { z } from 'zod';
import type { RunEndCause } from '@ipclab/native/supervisor';
import { getName, type Run } from '../model/run.js';
import { defineRule } from './rule.js';
import { nameWait } from './words.js';

const LIMITS = {
  'wall-limit': 'did not end in time',
  'cpu-limit': 'computed without ever making another call',
  'memory-limit': 'used more memory than it may',
  'output-limit': 'wrote more output than it may',
  'step-limit': 'made calls without end (busy waiting?)',
} as const;

type Code = 'deadlock' | 'idle' | keyof typeof LIMITS;

const isLimit = (cause: RunEndCause): cause is keyof typeof LIMITS => cause in LIMITS;

/** The last thing that each waiting process did. */
const getLastEvents = ({ trace }: Run, processes: number[]): number[] =>
  processes
    .flatMap(
      (process) => trace.events.findLast((event) => event.process === process && event.kind !== 'output')?.seq ?? [],
    )
    .slice(0, 3);

/** Every run comes to an end: no deadlock, nobody who waits for ever, nothing without end. */
export const terminates = defineRule<Record<string, never>, Code>({
  name: 'terminates',
  summary: 'Every run comes to an end by itself',
  why: 'A blocking receive sleeps until a message that it asks for arrives; if nobody is left who could send one, it sleeps for ever.',
  source: 'msgrcv(2), Lecture 6: Synchronous Receive',
  codes: {
    deadlock: 'All processes that are left wait for one another',
    idle: 'All processes that are left wait for something that never comes',
    ...LIMITS,
  },
  parameters: z.strictObject({}),
  check(run) {
    const { cause, waits, process, detail } = run.trace.end;
    if (cause === 'deadlock' || cause === 'idle') {
      const processes = [...new Set(waits.map((wait) => wait.process))];
      const told = waits.map((wait) => nameWait(run, wait));
      const last = told.length === 1 ? 'Nobody is left to end the wait.' : 'None of them can ever go on.';
      return [
        {
          code: cause,
          message: `${told.join('; ')}. ${last}`,
          events: getLastEvents(run, processes),
          expected: 'every process ends',
          actual: `${processes.map((each) => getName(run, each)).join(', ')} ${processes.length === 1 ? 'waits' : 'wait'} for ever`,
          processes,
        },
      ];
    }
    if (!isLimit(cause)) return [];
    const processes = process === undefined ? [] : [process];
    const who = process === undefined ? 'The programs' : getName(run, process);
    return [
      {
        code: cause,
        message: `${who} ${LIMITS[cause]} (limit: ${detail ?? 'the lab’s'}).`,
        events: getLastEvents(run, processes),
        expected: 'every process ends',
        actual: `ended by us at the limit: ${detail ?? cause}`,
        why: 'A program that waits must sleep in a blocking call, and a loop must have an end; otherwise it uses the processor for nothing.',
        source: 'Lecture 6',
        processes,
      },
    ];
  },
});
