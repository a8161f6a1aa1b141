import type { CallEvent, CallName, SignalName, Wait } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { hasHandled } from './tested.js';
import { takeEvents } from './words.js';

/** Of the calls that are traced, those that are not on the list of signal-safety(7). */
const UNSAFE = [
  'msgget',
  'msgsnd',
  'msgrcv',
  'msgctl',
  'semget',
  'semop',
  'semctl',
  'shmget',
  'shmat',
  'shmdt',
  'shmctl',
] as const satisfies readonly CallName[];

const parameters = z.strictObject({
  roles: z.array(z.string()).min(1).optional().describe('Whose handlers are looked at; every role’s if not said'),
  allow: z
    .array(z.enum(UNSAFE))
    .default([])
    .describe(
      'Calls that this lab permits in a handler though they are not on the list: msgsnd, for a message that a handler sends its own process',
    ),
});
type Parameters = z.infer<typeof parameters>;

const codes = { 'unsafe-call': 'A signal handler made a call that is not async-signal-safe' };
type Code = keyof typeof codes;

/** A call that a handler made: it has returned, or never did (then without `seq`). */
type Made = Pick<CallEvent | Wait, 'process' | 'name'> & { signal: SignalName; seq?: number };

const listMade = ({ trace }: Run): Made[] =>
  [...trace.events.filter((event) => event.kind === 'call'), ...trace.end.waits].flatMap((call) =>
    call.inHandler === undefined
      ? []
      : [
          {
            process: call.process,
            name: call.name,
            signal: call.inHandler,
            ...('seq' in call ? { seq: call.seq } : {}),
          },
        ],
  );

/** When that handler began: the last time before the call; in a child that was forked in it, its parent's. */
const findBeginning = ({ trace }: Run, { process, signal, seq = Infinity }: Made): number | undefined => {
  for (let each: number | null = process; each !== null; each = trace.processes[each]!.parent) {
    const of = each;
    const begun = trace.events.findLast(
      (event) =>
        event.kind === 'signal' &&
        event.process === of &&
        event.signal === signal &&
        event.action === 'handler' &&
        event.seq < seq,
    );
    if (begun) return begun.seq;
  }
  return undefined;
};

/** In a signal handler only async-signal-safe functions are called. */
export const handlerSafety = defineRule<Parameters, Code>({
  name: 'handler-safety',
  summary:
    'Signal handlers make only calls that are async-signal-safe (printf and malloc make none that is seen: they are not judged)',
  why: 'A handler may interrupt the program anywhere, even in the middle of malloc or of the very function that it calls itself; so it may call only functions that are reentrant, or async-signal-safe.',
  source: 'signal-safety(7), Lecture: signal handlers',
  tested: {
    by: 'a handler that runs',
    isIn: (run, { roles }) => hasHandled(run, roles),
  },
  codes,
  hints: [
    'Between which two instructions of your program may this handler run, and what does it find half done there?',
    'signal-safety(7) lists what a handler may call. kill, write, unlink and _exit are there; the calls of System V IPC are not.',
    'Let the handler only set a variable, and do the work where the program looks at it: after a call that failed with EINTR, or before it waits again.',
  ],
  example: '{ roles: [server], allow: [msgsnd] }',
  parameters,
  check(run, { roles, allow }) {
    const unsafe: readonly string[] = UNSAFE.filter((name) => !allow.includes(name));
    const told = new Set<string>();
    return listMade(run).flatMap((made): Found<Code>[] => {
      const { process, name, signal, seq } = made;
      if (!unsafe.includes(name) || (roles && !roles.includes(getRole(run, process)))) return [];
      // What a handler does it does again, each time that it runs.
      if (told.has(`${process} ${name}`)) return [];
      told.add(`${process} ${name}`);
      return [
        {
          code: 'unsafe-call',
          message: `${getName(run, process)} called ${name} in its handler of ${signal}.`,
          events: takeEvents(findBeginning(run, made), seq),
          expected: `a handler that makes no call but those on the list of signal-safety(7)${allow.length > 0 ? `, and ${allow.join(', ')}` : ''}`,
          actual: `${name} in the handler of ${signal}${seq === undefined ? ', where it waits' : ''}`,
          processes: [process],
        },
      ];
    });
  },
});
