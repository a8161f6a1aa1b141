import type { CallEvent, OutputEvent, TraceEvent } from '@ipclab/native/supervisor';
import { z } from 'zod';
import { getName, getRole, type Run } from '../model/run.js';
import { quoteText } from '../model/text.js';
import { linePattern } from './pattern.js';
import { defineRule, type Found } from './rule.js';
import { isExcused, signalledSchema } from './signalled.js';
import { nameSelection, takeEvents } from './words.js';

const parameters = z.strictObject({
  role: z.string().describe('Who receives asynchronously'),
  work: z
    .strictObject({
      output: z
        .string()
        .refine(linePattern.isUsable, 'Expected a line, or a regular expression between slashes')
        .describe('It prints this line for each piece'),
    })
    .describe(
      'What it does beside receiving, piece by piece. Before each piece it looks for a message, with IPC_NOWAIT, and before the last one it never sleeps',
    ),
  signalled: signalledSchema,
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  slept: 'A receiver slept until a message came, though it had work to do',
  'not-looked': 'A receiver did a piece of work without having looked for a message since the last one',
};
type Code = keyof typeof codes;

interface Piece {
  seq: number;
  text: string;
}

const getPieces = ({ text, seq }: OutputEvent, { work }: Parameters): Piece[] =>
  text.split(/\r?\n/).flatMap((line) => (linePattern.isMatch(work.output, line) ? [{ seq, text: line }] : []));

/** Does it learn by that call whether there is a message? */
const isLook = ({ name, args }: CallEvent): boolean => name === 'msgrcv' || args.cmd === 'IPC_STAT';
const isWaiting = ({ name, args }: CallEvent): boolean => name === 'msgrcv' && !args.flags?.includes('IPC_NOWAIT');
/** Another thread may sleep in a receive while the program works. */
const isInThread = ({ thread }: CallEvent): boolean => thread !== undefined;

function checkSlept(run: Run, process: number, calls: CallEvent[], pieces: Piece[]): Found<Code>[] {
  const sleep = calls.find((call) => isWaiting(call) && call.waited && !isInThread(call));
  const next = sleep && pieces.find(({ seq }) => seq > sleep.seq);
  if (!sleep || !next) return [];
  return [
    {
      code: 'slept',
      message: `${getName(run, process)} slept in msgrcv for ${nameSelection(sleep.args.msgtyp ?? 0)} before it printed ${quoteText(next.text)}.`,
      events: takeEvents(sleep.seq, next.seq),
      expected: 'msgrcv with IPC_NOWAIT, which returns at once, while there is work to do',
      actual: 'a msgrcv that waits',
      processes: [process],
    },
  ];
}

function checkLooked(run: Run, process: number, calls: CallEvent[], pieces: Piece[]): Found<Code>[] {
  // A thread that receives all the time need not look; and when it comes to its receive, its program does not decide.
  if (calls.some((call) => isWaiting(call) && isInThread(call))) return [];
  if (run.trace.end.waits.some((wait) => wait.process === process && wait.name === 'msgrcv')) return [];
  // A receive in which a thread slept to the end of its process is not in the trace.
  if (!calls.some(isLook)) return [];
  let before = -1;
  for (const { seq, text } of pieces.filter((piece, index) => pieces[index - 1]?.seq !== piece.seq)) {
    // Lines that came at once: printed without a call in between, or each after its look, and buffered.
    const atOnce = pieces.filter((piece) => piece.seq === seq).length;
    const looks = calls.filter((call) => isLook(call) && call.seq > before && call.seq < seq).length;
    const isGone = calls.some((call) => call.seq < seq && ['EIDRM', 'EINVAL'].includes(call.error ?? ''));
    if (looks >= atOnce || isGone) {
      before = seq;
      continue;
    }
    return [
      {
        code: 'not-looked',
        message: `${getName(run, process)} printed ${quoteText(text)}${atOnce > 1 ? ` and ${atOnce - 1} more` : ''} ${looks > 0 ? `and had looked for a message only ${looks === 1 ? 'once' : `${looks} times`}` : 'without having looked for a message'}${before < 0 ? '' : ' since its last piece of work'}.`,
        events: takeEvents(before < 0 ? null : before, seq),
        expected: 'a msgrcv with IPC_NOWAIT before each piece of work',
        actual: looks === 0 ? 'none' : `${looks} before ${atOnce} pieces`,
        processes: [process],
      },
    ];
  }
  return [];
}

/** An asynchronous receiver looks for messages while it works, and does not wait for them. */
export const asynchronousReceive = defineRule<Parameters, Code>({
  name: 'asynchronous-receive',
  summary: 'A receiver that has work of its own looks for messages in between, without waiting for them',
  why: 'In an asynchronous receive the receiver is notified that there is no message available, and continues: it is neither held up by messages that do not come, nor deaf while it works.',
  source: 'msgrcv(2), Lecture 6: Asynchronous Receive',
  tested: {
    by: 'a piece of work',
    isIn: (run, wanted) =>
      run.trace.events.some((event) => event.kind === 'output' && getPieces(event, wanted).length > 0),
  },
  codes,
  hints: [
    'What does this process do with its work if no message comes, and what becomes of a message that comes while it works?',
    'Which flag makes msgrcv return at once when there is no message, and with which error?',
    'Before each piece of work call msgrcv once with IPC_NOWAIT; ENOMSG means that there is nothing yet: go on with the work.',
  ],
  parameters,
  check(run, wanted) {
    return run.trace.processes.flatMap((_, process): Found<Code>[] => {
      if (getRole(run, process) !== wanted.role || isExcused(run, wanted.signalled, [process])) return [];
      const own = run.trace.events.filter((event) => event.process === process);
      const calls = own.filter((event): event is CallEvent => event.kind === 'call');
      const pieces = own.filter(isPrinted).flatMap((event) => getPieces(event, wanted));
      const slept = checkSlept(run, process, calls, pieces);
      return slept.length > 0 ? slept : checkLooked(run, process, calls, pieces);
    });
  },
});

const isPrinted = (event: TraceEvent): event is OutputEvent => event.kind === 'output';
