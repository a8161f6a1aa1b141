import { z } from 'zod';
import { getLines } from '../model/lines.js';
import { getCalls, getFamily, getName, getStarted, isComplete, isSignalled, type Run } from '../model/run.js';
import { quoteText } from '../model/text.js';
import { linePattern, numberedLine } from './pattern.js';
import { defineRule, type Found } from './rule.js';
import { hasCalled } from './tested.js';
import { nameSignal, takeEvents } from './words.js';

const { isPattern, isUsable } = linePattern;
const isMatch = (wanted: string, text: string): boolean =>
  isPattern(wanted) ? linePattern.isMatch(wanted, text) : numberedLine.isMatch(wanted, text);

const wantedLines = z.array(z.string().refine(isUsable, 'Expected a line, or a regular expression between slashes'));

const parameters = z.strictObject({
  role: z.string().describe('Whose output'),
  lines: wantedLines.describe(
    'What it must be, line by line: exact text, in which {n} stands for a whole number and each further {n} for the same; or /a regular expression/ for the whole line',
  ),
  per: z
    .enum(['process', 'family'])
    .default('process')
    .describe('Of each process alone, or together with those that it forks'),
  order: z.boolean().default(true).describe('In this order?'),
  after: z.string().optional().describe('Whoever prints must have completed this call before'),
  stream: z.enum(['stdout', 'stderr']).default('stdout'),
  ifExit: z.int().min(0).max(255).optional().describe('Only of processes that ended with this status'),
  signalled: z
    .union([
      z.enum(['skip', 'at-most']),
      z.strictObject({
        lines: wantedLines,
        repeats: z.boolean().default(false).describe('May a line come more than once? Not with `order`'),
      }),
    ])
    .default('skip')
    .describe('In a run with a planned signal: anything goes, or no more than these lines, or other lines instead'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  missing: 'A line that must be printed was not',
  unexpected: 'A line was printed that should not be there',
  'too-early': 'A line was printed before the call that it tells of',
};

type Code = keyof typeof codes;

const SHOWN = 6; // lines of which a finding tells

/** Any text will do. */
const ANYTHING = '/.+/';
const nameWanted = (wanted: string): string =>
  wanted === ANYTHING
    ? 'a line of text'
    : isPattern(wanted)
      ? `a line that matches ${wanted}`
      : `${numberedLine.getNames(wanted).length > 0 ? 'a line like ' : ''}${quoteText(wanted)}`;
const nameAll = (lines: readonly string[]): string =>
  lines.length === 0 ? 'no output' : [...lines.slice(0, SHOWN), ...(lines.length > SHOWN ? ['…'] : [])].join(' ');

const getLastOf = ({ trace }: Run, processes: readonly number[]): number | undefined =>
  trace.events.findLast(({ process }) => processes.includes(process))?.seq;

/** What a run with a planned signal must print. */
const whenSignalled = (wanted: Parameters): Parameters & { repeats?: boolean } =>
  typeof wanted.signalled === 'object' ? { ...wanted, ...wanted.signalled } : wanted;

function checkGroup(run: Run, started: number, wanted: Parameters & { repeats?: boolean }): Found<Code>[] {
  const processes = wanted.per === 'family' ? getFamily(run, started) : [started];
  const lines = getLines(run, processes, wanted.stream);
  const who = getName(run, started);
  const early = lines.find((line) => {
    if (wanted.after === undefined || !wanted.lines.some((each) => isMatch(each, line.text))) return false;
    return !getCalls(run, wanted.after, line.process).some((call) => call.seq < line.seq && call.error === undefined);
  });
  if (early)
    return [
      {
        code: 'too-early',
        message: `${getName(run, early.process)} printed ${quoteText(early.text)} without having completed ${wanted.after}.`,
        events: [early.seq],
        expected: `printed after ${wanted.after} has returned`,
        actual: 'printed without it',
        processes: [early.process],
      },
    ];
  const left = [...lines];
  const missing: string[] = [];
  for (const each of wanted.lines) {
    const at = wanted.order
      ? left[0] && isMatch(each, left[0].text)
        ? 0
        : -1
      : left.findIndex(({ text }) => isMatch(each, text));
    if (at >= 0) left.splice(at, 1);
    else missing.push(each);
  }
  // Whoever was ended by us might still have printed.
  const expectAll = isComplete(run) && (!isSignalled(run) || typeof wanted.signalled === 'object');
  const extra = wanted.repeats ? left.find(({ text }) => !wanted.lines.some((each) => isMatch(each, text))) : left[0];
  const summary = {
    expected: nameAll(wanted.lines.map((each) => (each === ANYTHING || !isPattern(each) ? nameWanted(each) : each))),
    actual: nameAll(lines.map(({ text }) => quoteText(text))),
  };
  if (extra && (missing.length === 0 || !expectAll || !wanted.order))
    return [
      {
        code: 'unexpected',
        message: `${getName(run, extra.process)} printed ${quoteText(extra.text)}, which should not be there.`,
        events: [extra.seq],
        ...summary,
        processes: [extra.process],
      },
    ];
  const reached = run.signals.map((signal) => `${nameSignal(run, signal)}. `).join('');
  if (missing.length > 0 && expectAll)
    return [
      {
        code: 'missing',
        message: extra
          ? `${reached}${getName(run, extra.process)} printed ${quoteText(extra.text)} where ${nameWanted(missing[0]!)} was due.`
          : `${reached}${processes.length > 1 ? `Neither ${who} nor a child of it printed` : `${who} did not print`} ${nameWanted(missing[0]!)}.`,
        // Without a line that shows it: what it did last.
        events: takeEvents(run.signals[0]?.seq, extra?.seq ?? getLastOf(run, processes)),
        ...summary,
        processes: [started],
      },
    ];
  return [];
}

/** The programs print what they must, and nothing else. */
export const output = defineRule<Parameters, Code>({
  name: 'output',
  summary: 'The programs print what they must, when it is true, and nothing else',
  why: 'What a program prints is its result: others rely on it word for word.',
  source: 'the handout',
  tested: {
    by: 'a program that makes a system call, and ends as the line wants it',
    isIn: (run, { role, ifExit }) =>
      hasCalled(run, [role]) &&
      (ifExit === undefined || run.trace.processes.some((each) => each.role === role && each.exit?.code === ifExit)),
  },
  codes,
  reasons: {
    'too-early': {
      why: 'A program that tells of what has not happened yet is right only by luck: another order of the steps shows it wrong.',
      source: 'the handout, Lecture 6: Synchronous Receive',
    },
  },
  hints: [
    'Which event makes the line true, and has it surely happened when the line is printed?',
    'Print what you have received and not what you expect to receive; compare the line with the handout letter by letter.',
    'Print after the msgrcv that brings the text has returned, once for each message, only the bytes of that message, up to its length or its NUL.',
  ],
  example: '{ role: client, lines: [HELLO, /HI+/], after: msgrcv }',
  parameters,
  check(run, wanted) {
    if (wanted.signalled === 'skip' && isSignalled(run)) return [];
    const owed = isSignalled(run) ? whenSignalled(wanted) : wanted;
    return getStarted(run, wanted.role)
      .filter((process) => wanted.ifExit === undefined || run.trace.processes[process]?.exit?.code === wanted.ifExit)
      .flatMap((process) => checkGroup(run, process, owed));
  },
});
