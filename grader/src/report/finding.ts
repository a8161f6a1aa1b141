import type { ResultDiagnostic, ResultFinding, TimelineEvent } from '../score/result.js';
import { createPaint, type Paint, type RenderOptions } from './palette.js';
import { showText, wrapText } from './text.js';

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

/** What happened, the events that show it, expected and actual, why, and how to see it again. */
export function renderFinding(finding: ResultFinding, submission: string, options: RenderOptions): string {
  const paint = createPaint(options);
  const parts = [`  ${wrapText(showText(finding.message), 2)}`];
  if (finding.timeline.length > 0) parts.push(renderEvents(finding.timeline, paint));
  parts.push(
    [
      labelled('expected', finding.expected, paint),
      labelled('actual', finding.actual, paint),
      labelled('why', `${finding.why} [${finding.source}]`, paint),
      `  ${paint('cyan', 'see it'.padEnd(LABEL - 2))}npx ipclab replay ${finding.token} ${showText(submission)}`,
    ].join('\n'),
  );
  return parts.join('\n\n');
}

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
