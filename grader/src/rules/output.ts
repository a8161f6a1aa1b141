import { z } from 'zod';
import { getCalls, getFamily, getName, getStarted, isComplete, isSignalled, type Run } from '../model/run.js';
import { defineRule, type Found } from './rule.js';

const parameters = z.strictObject({
  role: z.string().describe('Whose output'),
  lines: z.array(z.string()).describe('What it must be, line by line: exact text, or /a regular expression/'),
  per: z
    .enum(['process', 'family'])
    .default('process')
    .describe('Of each process alone, or together with those that it forks'),
  order: z.boolean().default(true).describe('In this order?'),
  after: z.string().optional().describe('Whoever prints must have completed this call before'),
  stream: z.enum(['stdout', 'stderr']).default('stdout'),
  ifExit: z.int().min(0).max(255).optional().describe('Only of processes that ended with this status'),
  signalled: z
    .enum(['skip', 'at-most'])
    .default('skip')
    .describe('In a run with a planned signal: anything goes, or no more than these lines'),
});
type Parameters = z.infer<typeof parameters>;

const codes = {
  missing: 'A line that must be printed was not',
  unexpected: 'A line was printed that should not be there',
  'too-early': 'A line was printed before the call that it tells of',
};

interface Line {
  text: string;
  process: number;
  seq: number;
}

function getLines({ trace }: Run, processes: readonly number[], stream: 'stdout' | 'stderr'): Line[] {
  const lines: Line[] = [];
  const rest = new Map<number, Line>();
  for (const event of trace.events) {
    if (event.kind !== 'output' || event.stream !== stream || !processes.includes(event.process)) continue;
    const parts = `${rest.get(event.process)?.text ?? ''}${event.text}`.split('\n');
    const last = parts.pop()!;
    lines.push(...parts.map((text) => ({ text: text.replace(/\r$/, ''), process: event.process, seq: event.seq })));
    rest.set(event.process, { text: last, process: event.process, seq: event.seq });
  }
  return [...lines, ...[...rest.values()].filter(({ text }) => text !== '')];
}

const isMatch = (wanted: string, text: string): boolean =>
  wanted.length > 1 && wanted.startsWith('/') && wanted.endsWith('/')
    ? new RegExp(`^(?:${wanted.slice(1, -1)})$`, 'u').test(text)
    : wanted === text;

const quote = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}…` : text);

function checkGroup(run: Run, started: number, wanted: Parameters): Found<keyof typeof codes>[] {
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
        message: `${getName(run, early.process)} printed ${quote(early.text)} without having completed ${wanted.after}.`,
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
  const signalled = isSignalled(run);
  // Whoever was ended by us might still have printed.
  const expectAll = !signalled && isComplete(run);
  const extra = left[0];
  const summary = {
    expected: wanted.lines.length === 0 ? 'no output' : wanted.lines.map(quote).join(' '),
    actual: lines.length === 0 ? 'no output' : lines.map(({ text }) => quote(text)).join(' '),
  };
  if (extra && (missing.length === 0 || !expectAll || !wanted.order))
    return [
      {
        code: 'unexpected',
        message: `${getName(run, extra.process)} printed ${quote(extra.text)}, which should not be there.`,
        events: [extra.seq],
        ...summary,
        processes: [extra.process],
      },
    ];
  if (missing.length > 0 && expectAll)
    return [
      {
        code: 'missing',
        message: extra
          ? `${getName(run, extra.process)} printed ${quote(extra.text)} where ${quote(missing[0]!)} was due.`
          : `${who} did not print ${quote(missing[0]!)}.`,
        events: extra ? [extra.seq] : [],
        ...summary,
        processes: [started],
      },
    ];
  return [];
}

/** The programs print what they must, and nothing else. */
export const output = defineRule<Parameters, keyof typeof codes>({
  name: 'output',
  summary: 'The programs print what they must, when it is true, and nothing else',
  why: 'What a program prints is its result: others rely on it word for word.',
  source: 'the handout',
  codes,
  parameters,
  check(run, wanted) {
    if (wanted.signalled === 'skip' && isSignalled(run)) return [];
    return getStarted(run, wanted.role)
      .filter((process) => wanted.ifExit === undefined || run.trace.processes[process]?.exit?.code === wanted.ifExit)
      .flatMap((process) => checkGroup(run, process, wanted));
  },
});
