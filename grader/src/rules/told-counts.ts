import type { CallEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getLines, type Line } from '../model/lines.js';
import { getCalls, getName, getStarted, type Run } from '../model/run.js';
import { quoteText } from '../model/text.js';
import { numberedLine } from './pattern.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { takeEvents } from './words.js';

const parameters = z.strictObject({
  role: z.string().describe('Who tells; each process that the scenario starts tells what it has sent itself'),
  line: z
    .string()
    .refine((line) => numberedLine.getNames(line).length > 0, 'Expected a line with a format in braces: sent {reply}')
    .meta({ examples: ['sent {reply}'] })
    .describe(
      'The line, with formats in braces for how many messages of them it has sent: `sent {reply}` (to a pipe, a C program prints only what it flushes)',
    ),
  stream: z.enum(['stdout', 'stderr']).default('stdout'),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  'too-few': 'A process told that it had sent fewer messages than it had',
  'too-many': 'A process told that it had sent more messages than it had',
};
type Code = keyof typeof codes;

/** How many messages of a format a process may say that it has sent. */
interface Bounds {
  format: string;
  sends: CallEvent[];
  least: number;
  most: number;
}

/**
 * Calls of the process of which the program cannot be expected to know, at that moment, whether they have been made.
 *
 * A handler runs inside a call, before it has done anything or after, or between it and what the program does next: it may find
 * that call counted or not. A thread's call is known to the program when its event loop has been told: at the latest when it makes
 * the next call of its own, unless it was at that one already.
 */
function listUncertain(run: Run, process: number, at: number): CallEvent[] {
  const calls = getCalls(run, undefined, process);
  const own = calls.filter(({ thread }) => thread === undefined);
  const inThreads = calls.filter(({ thread, seq, arrived }) => {
    if (thread === undefined || arrived >= at) return false;
    const next = own.find((call) => call.inHandler === undefined && call.seq > seq);
    return !next || next.arrived < seq || next.seq > at;
  });
  const isInterrupted = (after: number): boolean =>
    run.trace.events
      .slice(after + 1, at)
      .some((event) => event.kind === 'signal' && event.process === process && event.action === 'handler');
  // The main program, and each handler that may have interrupted it or another, is at a call of its own.
  const interrupted = [...new Set(own.map(({ inHandler }) => inHandler))].flatMap((level): CallEvent[] => {
    const ofLevel = own.filter(({ inHandler }) => inHandler === level);
    const last = ofLevel.findLast(({ seq }) => seq < at);
    const next = ofLevel.find(({ seq }) => seq > at);
    // One that failed with EINTR is made again.
    const isNext = isInterrupted((last?.error === undefined ? last?.seq : last.arrived) ?? -1);
    return [...(last && isInterrupted(last.arrived) ? [last] : []), ...(next && isNext ? [next] : [])];
  });
  return [...inThreads, ...interrupted];
}

function getBounds(run: Run, { process, begunAt, seq: endedAt }: Line, formats: string[]): Bounds[] {
  const atBegin = listUncertain(run, process, begunAt);
  const atEnd = listUncertain(run, process, endedAt);
  return formats.map((format) => {
    const sends = getCalls(run, 'msgsnd', process).filter(
      ({ error, message }) => error === undefined && run.messages[message ?? -1]?.format === format,
    );
    return {
      format,
      sends,
      least: sends.filter((send) => send.seq < begunAt && !atBegin.includes(send)).length,
      most: sends.filter((send) => send.seq < endedAt || atEnd.includes(send)).length,
    };
  });
}

const nameBounds = ({ least, most, format }: Bounds): string =>
  `${least}${most === least ? '' : most === least + 1 ? ` or ${most}` : ` to ${most}`} ${format} ${most === 1 ? 'message' : 'messages'}`;

function checkLine(run: Run, line: Line, wanted: string): Found<Code>[] {
  const told = numberedLine.readNumbers(wanted, line.text);
  if (!told) return [];
  const bounds = getBounds(run, line, numberedLine.getNames(wanted));
  const wrong = bounds.findIndex(({ least, most }, index) => told[index]! < least || told[index]! > most);
  if (wrong < 0) return [];
  const isFew = told[wrong]! < bounds[wrong]!.least;
  const { sends } = bounds[wrong]!;
  const sent = bounds.map((each) => each.sends.filter(({ seq }) => seq < line.seq).length);
  return [
    {
      code: isFew ? 'too-few' : 'too-many',
      message: `${getName(run, line.process)} printed ${quoteText(line.text)} when it had sent ${nameBounds(bounds[wrong]!)}.`,
      // The first that it left out, or the last that there was.
      events: takeEvents((isFew ? sends[told[wrong]!] : sends.findLast(({ seq }) => seq < line.seq))?.seq, line.seq),
      expected: quoteText(numberedLine.fill(wanted, sent)),
      actual: quoteText(line.text),
      processes: [line.process],
    },
  ];
}

/** A process that tells how many messages it has sent tells the truth, whenever it is asked. */
export const toldCounts = defineRule<Parameters, Code>({
  name: 'told-counts',
  summary: 'When a process prints how many messages it has sent so far, it is so many',
  why: 'A number in a variable is right only while it changes together with what it counts: a handler that looks at it in between tells what is not so.',
  source: 'the handout, Lecture: sigprocmask',
  tested: {
    by: 'a line that tells a number',
    isIn: (run, { role, line, stream }) =>
      getStarted(run, role).some((process) =>
        getLines(run, [process], stream).some(({ text }) => numberedLine.readNumbers(line, text) !== null),
      ),
  },
  codes,
  hints: [
    'How many messages had the process sent when it printed this, and when does the number that it printed change?',
    'Count a message when it is sent: not when it is asked for, and not some time later. Whoever prints the number may run in between.',
    'Add one directly after the msgsnd that has succeeded, and block the signal whose handler prints the number from before that msgsnd until it is added.',
  ],
  example: "{ role: server, line: 'sent {reply}' }",
  parameters,
  check(run, wanted) {
    return getStarted(run, wanted.role).flatMap((process): Found<Code>[] => {
      if (isExcused(run, wanted.signalled, [process])) return [];
      const isKilled = run.trace.processes[process]!.exit?.signal !== undefined;
      const lines = getLines(run, [process], wanted.stream).filter(({ isOpen }) => !(isOpen && isKilled));
      // What a process does once it does again: its first time tells all.
      for (const line of lines) {
        const found = checkLine(run, line, wanted.line);
        if (found.length > 0) return found;
      }
      return [];
    });
  },
});
