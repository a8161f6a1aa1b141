import type { CallEvent, SignalEvent, SignalName } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getCalls, getName, getRole, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { nameOutcome, takeEvents } from './words.js';

const edge = z
  .strictObject({
    call: z.string().describe('Name of a call: msgsnd, semop …'),
    format: z.string().optional().describe('Of a msgsnd or msgrcv: only of such messages'),
  })
  .describe('A call that succeeds');

const parameters = z.strictObject({
  role: z.string().describe('Whose critical section'),
  signals: z
    .array(
      z
        .string()
        .regex(/^SIG[A-Z0-9]+$/, 'Expected the name of a signal: SIGINT')
        .meta({ examples: ['SIGINT'] }),
    )
    .min(1)
    .describe('Signals that must wait while it is in there'),
  from: edge.describe('The call with which it is inside'),
  to: edge.describe('The last call of the section'),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  interrupted: 'A handler ran in the middle of a critical section',
  'not-restored': 'After a critical section a signal stayed blocked that was not blocked before it',
  'unblocked-others': 'After a critical section a signal was no longer blocked that had been blocked before it',
};
type Code = keyof typeof codes;

interface Section {
  process: number;
  from: CallEvent;
  /** Null: it never came to the end of it. */
  to: CallEvent | null;
  /** Number of the process's event with which its next section begins. */
  until: number;
}

const isEdge = (run: Run, call: CallEvent, { call: name, format }: Parameters['from']): boolean =>
  call.name === name &&
  call.error === undefined &&
  (format === undefined || (call.message !== undefined && run.messages[call.message]?.format === format));

function listSections(run: Run, { role, from, to }: Parameters): Section[] {
  return run.trace.processes.flatMap((_, process): Section[] => {
    if (getRole(run, process) !== role) return [];
    const sections: Section[] = [];
    for (const call of getCalls(run, undefined, process)) {
      const open = sections.at(-1);
      if (open && open.to === null && isEdge(run, call, to)) open.to = call;
      else if (isEdge(run, call, from) && (!open || open.to !== null)) {
        if (open) open.until = call.seq;
        sections.push({ process, from: call, to: null, until: Infinity });
      }
    }
    return sections;
  });
}

function checkInterrupted(run: Run, { process, from, to }: Section, { signals }: Parameters): Found<Code>[] {
  const handler = run.trace.events.find(
    (event): event is SignalEvent =>
      event.kind === 'signal' &&
      event.process === process &&
      event.action === 'handler' &&
      signals.includes(event.signal) &&
      event.seq > from.seq &&
      event.seq < (to?.seq ?? Infinity),
  );
  if (!handler) return [];
  const who = getName(run, process);
  return [
    {
      code: 'interrupted',
      message: `The handler of ${handler.signal} ran while ${who} was in the middle of its critical section.`,
      events: takeEvents(from.seq, handler.seq, to?.seq),
      expected: `${handler.signal} is blocked from before the section until after it`,
      actual: 'it was delivered in the middle',
      processes: [process],
    },
  ];
}

function checkMask(run: Run, { process, from, to, until }: Section, { signals }: Parameters): Found<Code>[] {
  if (!to) return [];
  const calls = getCalls(run, undefined, process);
  const earlier = calls.filter(({ seq }) => seq < from.seq);
  const later = calls.filter(({ seq }) => seq > to.seq && seq < until);
  const blockedBy = (call: CallEvent | undefined): SignalName[] => call?.blocked ?? [];
  const who = getName(run, process);

  // What was blocked before the section's own sigprocmask may stay so.
  const before = blockedBy(earlier.findLast(({ name }) => name !== 'sigprocmask'));
  const mayStay = (call: CallEvent) =>
    blockedBy(call).every((each) => !signals.includes(each) || before.includes(each));
  const [held = to] = later;
  const kept = blockedBy(held).find((each) => signals.includes(each) && !before.includes(each));
  // Also a handler that runs on the way blocks its signal: it is enough that once it is free again.
  if (kept !== undefined && !later.some(mayStay))
    return [
      {
        code: 'not-restored',
        message: `${who} has not unblocked ${kept} after its critical section.`,
        events: takeEvents(earlier.findLast(({ name }) => name === 'sigprocmask')?.seq, to.seq, later[0]?.seq),
        expected: 'the signal mask is as it was before the section',
        actual: `${kept} is still blocked after ${nameOutcome(later.at(-1) ?? to)}`,
        processes: [process],
      },
    ];

  // SIG_BLOCK tells for sure what was blocked before it, SIG_SETMASK does not.
  const blocking = earlier.findLast(({ name }) => name === 'sigprocmask');
  const restoring = later.find(({ name }) => name === 'sigprocmask');
  if (blocking?.args.how !== 'SIG_BLOCK' || !restoring) return [];
  const lost = blockedBy(blocking).find(
    (each) => !(blocking.args.signals ?? []).includes(each) && !blockedBy(restoring).includes(each),
  );
  if (lost === undefined) return [];
  return [
    {
      code: 'unblocked-others',
      message: `${who} unblocked ${lost}, too, after its critical section.`,
      events: takeEvents(blocking.seq, to.seq, restoring.seq),
      expected: `the mask is as it was before the section, with ${lost} blocked`,
      actual: `${lost} is not blocked any more`,
      processes: [process],
    },
  ];
}

/** In a critical section certain signals are blocked, and afterwards the mask is what it was. */
export const blockedSignals = defineRule<Parameters, Code>({
  name: 'blocked-signals',
  summary: 'Certain signals wait while a process is in its critical section, and the mask is restored after it',
  why: 'A handler runs between any two instructions: what it finds half done, it sees half done. A blocked signal stays pending until it is unblocked.',
  source: 'sigprocmask(2)',
  tested: {
    by: 'a section that is begun',
    isIn: (run, wanted) => listSections(run, wanted).length > 0,
  },
  codes,
  reasons: {
    'not-restored': {
      why: 'Blocking is meant to be temporary: a signal that stays blocked stays pending, and its handler does not run.',
      source: 'Lecture: sigprocmask',
    },
    'unblocked-others': {
      why: 'SIG_SETMASK with the set that sigprocmask gave back restores the mask as it was; an empty set unblocks what the rest of the program had blocked for its own reasons.',
      source: 'sigprocmask(2)',
    },
  },
  hints: [
    'If the handler ran between any two lines of that section, what would it find?',
    'sigprocmask(SIG_BLOCK, …) gives back the mask as it was. It is needed again at the end of the section.',
    'Before the section: old = sigprocmask(SIG_BLOCK, set). After it: sigprocmask(SIG_SETMASK, old). Nothing that matters may stand outside of the two.',
  ],
  aboutSignals: true,
  example: '{ role: server, signals: [SIGINT], from: { call: msgrcv, format: request }, to: { call: msgsnd } }',
  parameters,
  check(run, wanted) {
    const found = listSections(run, wanted).flatMap((section) => [
      ...checkInterrupted(run, section, wanted),
      ...checkMask(run, section, wanted),
    ]);
    // What a process does once it does again: its first time tells all.
    return found
      .filter(({ processes }, index) => found.findIndex((each) => each.processes[0] === processes[0]) === index)
      .filter(({ processes }) => !isExcused(run, wanted.signalled, processes));
  },
});
