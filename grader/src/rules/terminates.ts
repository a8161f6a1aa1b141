import { z } from 'zod';
import type { RunEndCause, SignalEvent } from '@ipclab/native/supervisor';
import { getCalls, getName, getRole, type Run } from '../model/run.js';
import { defineRule } from './rule.js';
import { nameSignal, nameWait, takeEvents } from './words.js';

const parameters = z.strictObject({
  mayWait: z
    .array(z.string())
    .default([])
    .describe('Roles that need not end by themselves: a run is fine if only these are left, waiting'),
});

const LIMITS = {
  'wall-limit': 'did not end in time',
  'cpu-limit': 'computed without ever making another call',
  'memory-limit': 'used more memory than it may',
  'output-limit': 'wrote more output than it may',
  'file-limit': 'read and wrote more in files than it may',
  'step-limit': 'made calls without end (busy waiting?)',
} as const;

/** More than these in one run, and it is they that are without end. */
const MANY_PROCESSES = 100;

type Code = 'deadlock' | 'idle' | 'busy-waiting' | keyof typeof LIMITS;

const isLimit = (cause: RunEndCause): cause is keyof typeof LIMITS => cause in LIMITS;

/** The last thing that each process did. */
const getLastEvents = ({ trace }: Run, processes: readonly number[]): (number | undefined)[] =>
  processes.map(
    (process) => trace.events.findLast((event) => event.process === process && event.kind !== 'output')?.seq,
  );

/** The scenario's last signal to one of them, planned or the stop at the end: it often tells why they wait. */
const getLastSignal = ({ trace }: Run): SignalEvent | undefined =>
  trace.events.findLast((event) => event.kind === 'signal' && event.from === 'scenario') as SignalEvent | undefined;

/** Every run comes to an end: no deadlock, nobody who waits for ever, nothing without end. */
export const terminates = defineRule<z.infer<typeof parameters>, Code>({
  name: 'terminates',
  summary: 'Every run comes to an end by itself',
  why: 'A blocking call sleeps until what it asks for comes; if nobody is left who could bring it, it sleeps for ever.',
  source: 'msgrcv(2), Lecture 6: Synchronous Receive',
  tested: {
    by: 'a message that is received, or a file that is used',
    isIn: (run) =>
      run.messages.some(({ receivedAt }) => receivedAt !== null) ||
      getCalls(run).some(({ file }) => file !== undefined),
  },
  codes: {
    deadlock: 'All processes that are left wait for one another, or for what can never come',
    idle: 'All processes that are left wait for something from outside, and nothing comes',
    'busy-waiting': 'Those that are left ask again and again for what does not come, instead of waiting for it',
    'wall-limit': 'A process did not end in time',
    'cpu-limit': 'A process computed without ever making another call',
    'memory-limit': 'A process used more memory than it may',
    'output-limit': 'A process wrote more output than it may',
    'file-limit': 'A process read and wrote more in files than it may',
    'step-limit': 'A process made calls, or started processes, without end',
  },
  hints: [
    'Who waits at the end, for what, and who was to bring it?',
    'A synchronous receive is blocked until a message comes. Go through each process that could send it, and ask where that one is: blocked too, ended, or told to stop.',
    'See that for each msgrcv that blocks somebody sends, in every order and after every signal: do not both receive first; tell each waiting process the end by a message of its own, or remove the queue, which ends its wait with EIDRM.',
  ],
  example: '{ mayWait: [server] }',
  parameters,
  check(run, { mayWait }) {
    const { cause, waits, process, detail } = run.trace.end;
    if (cause === 'deadlock' || cause === 'idle') {
      const processes = [...new Set(waits.map((wait) => wait.process))];
      if (processes.length > 0 && processes.every((each) => mayWait.includes(getRole(run, each)))) return [];
      const signal = getLastSignal(run);
      const told = waits.map((wait) => nameWait(run, wait)).join('; ');
      const last = processes.length === 1 ? 'Nobody is left to end the wait.' : 'None of them can ever go on.';
      const doubt = waits.every(({ certain }) => certain)
        ? ''
        : ' (Not all of it is certain: a call that is not watched, or an event loop, may wait for something that was not seen.)';
      return [
        {
          code: cause,
          message: `${signal ? `${nameSignal(run, signal)}. ` : ''}${told}. ${last}${doubt}`,
          events: takeEvents(signal?.seq, ...getLastEvents(run, processes)),
          expected: 'every process ends',
          actual: `${processes.map((each) => getName(run, each)).join(', ')} ${processes.length === 1 ? 'waits' : 'wait'} for ever`,
          processes,
        },
      ];
    }
    if (cause === 'busy-waiting') {
      const name = process === undefined ? 'A process' : getName(run, process);
      if (process !== undefined && mayWait.includes(getRole(run, process))) return [];
      return [
        {
          code: cause,
          message: `${name} asked again and again for what was not there (${detail ?? 'very often'}), and nobody was left to bring it. Whether it would have given up some day is not known.`,
          events: takeEvents(...getLastEvents(run, process === undefined ? [] : [process])),
          expected: 'every process ends; one that waits sleeps in a blocking call',
          actual: `${name} polls without end`,
          why: 'A program that waits must sleep in a blocking call: a loop of polls uses the processor for nothing, and never learns that nobody will come.',
          source: 'Lecture 6: Synchronous Receive',
          processes: process === undefined ? [] : [process],
        },
      ];
    }
    if (!isLimit(cause)) return [];
    const processes = process === undefined ? [] : [process];
    const who = process === undefined ? 'The programs' : getName(run, process);
    const { length: count } = run.trace.processes;
    const what =
      cause === 'step-limit' && count > MANY_PROCESSES
        ? `started processes without end, ${count} by then`
        : LIMITS[cause];
    return [
      {
        code: cause,
        message: `${who} ${what} (limit: ${detail ?? 'the lab’s'}).`,
        events: takeEvents(...getLastEvents(run, processes)),
        expected: 'every process ends',
        actual: `ended by us at the limit: ${detail ?? cause}`,
        why: 'A program that waits must sleep in a blocking call, and a loop must have an end; otherwise it uses the processor for nothing.',
        source: 'Lecture 6: Synchronous Receive',
        processes,
      },
    ];
  },
});
