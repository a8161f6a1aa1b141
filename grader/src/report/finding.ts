import type { ResultDiagnostic, ResultFinding, TimelineEvent } from '../score/result.js';
import { showText } from '../model/text.js';
import { createPaint, type Paint, type RenderOptions } from './palette.js';
import { wrapText } from './text.js';

/** Events in columns: number, process, what it did; a mark before those that show the finding, a line where some are left out. */
export function renderEvents(timeline: readonly TimelineEvent[], paint: Paint): string {
  const seqWidth = Math.max(0, ...timeline.map(({ seq }) => String(seq).length));
  const nameWidth = Math.max(0, ...timeline.map(({ process }) => process.length));
  const indent = 4 + seqWidth + 2 + nameWidth + 2;
  const lines: string[] = [];
  let last: number | undefined;
  for (const { seq, process, text, shows } of timeline) {
    if (last !== undefined && seq > last + 1) lines.push(paint('dim', `${' '.repeat(4 + seqWidth)}  …`));
    last = seq;
    const line = `  ${shows ? '>' : ' '} ${String(seq).padStart(seqWidth)}  ${process.padEnd(nameWidth)}  ${wrapText(showText(text), indent)}`;
    lines.push(shows ? paint('bold', line) : paint('dim', line));
  }
  return lines.join('\n');
}

const LABEL = 12;
const labelled = (label: string, text: string, paint: Paint): string =>
  `  ${paint('cyan', label.padEnd(LABEL - 2))}${wrapText(showText(text), LABEL)}`;

/** Expected and actual, and why. */
export function renderReasons(finding: ResultFinding, options: RenderOptions): string {
  const paint = createPaint(options);
  return [
    labelled('expected', finding.expected, paint),
    labelled('actual', finding.actual, paint),
    labelled('why', `${finding.why} [${finding.source}]`, paint),
  ].join('\n');
}

export interface FindingOptions extends RenderOptions {
  /** Has this very run been shown above? Then only the events that show the finding are repeated. */
  isShown?: boolean;
}

/** What happened, the events that show it, expected and actual, why, and how to see it again. */
export function renderFinding(finding: ResultFinding, submission: string, options: FindingOptions): string {
  const paint = createPaint(options);
  const timeline = options.isShown ? finding.timeline.filter(({ shows }) => shows) : finding.timeline;
  const parts = [`  ${wrapText(showText(finding.message), 2)}`];
  if (timeline.length > 0) parts.push(renderEvents(timeline, paint));
  // Not wrapped: it is there to be copied.
  const again = `  ${paint('cyan', 'see it'.padEnd(LABEL - 2))}npx ipclab replay ${finding.token} ${quoteArgument(submission)}`;
  parts.push(`${renderReasons(finding, options)}\n${again}`);
  return parts.join('\n\n');
}

/** A word that a shell takes as it is. */
const quoteArgument = (text: string): string =>
  /^[\w./@%+=:,~-]+$/.test(text) ? text : `'${showText(text).replaceAll("'", "'\\''")}'`;

/** Errors of the build, as a compiler shows them. */
export function renderDiagnostics(diagnostics: readonly ResultDiagnostic[], options: RenderOptions): string {
  const paint = createPaint(options);
  return diagnostics
    .map(({ file, line, column, severity, message, excerpt }) => {
      const place = line > 0 ? `${file}:${line}:${column}` : file;
      const head = `${paint('bold', showText(place))} ${paint(severity === 'error' ? 'red' : 'yellow', severity)}: ${message.split('\n').map(showText).join('\n  ')}`;
      return excerpt === ''
        ? head
        : `${head}\n${excerpt
            .split('\n')
            .map((each) => `  ${showText(each)}`)
            .join('\n')}`;
    })
    .join('\n');
}
