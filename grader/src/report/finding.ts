import type { ResultDiagnostic, ResultFinding, TimelineEvent } from '../score/result.js';
import { showText } from '../model/text.js';
import { renderDiagram } from './diagram.js';
import { createPaint, type Paint, type RenderOptions } from './palette.js';
import { wrapText } from './text.js';

/** Events in columns: number, process, what it did; a mark before those that show the finding, a line where some are left out. */
export const renderEvents = (timeline: readonly TimelineEvent[], paint: Paint): string =>
  renderEventLines(timeline, paint)
    .flatMap(({ lines }) => lines)
    .join('\n');

/** The same, event by event. */
export function renderEventLines(timeline: readonly TimelineEvent[], paint: Paint): { seq: number; lines: string[] }[] {
  const seqWidth = Math.max(0, ...timeline.map(({ seq }) => String(seq).length));
  const nameWidth = Math.max(0, ...timeline.map(({ process }) => process.length));
  const indent = 4 + seqWidth + 2 + nameWidth + 2;
  let last: number | undefined;
  return timeline.map(({ seq, process, text, shows, place }) => {
    const lines: string[] = [];
    if (last !== undefined && seq > last + 1) lines.push(paint('dim', `${' '.repeat(4 + seqWidth)}  …`));
    last = seq;
    const line = `  ${shows ? '>' : ' '} ${String(seq).padStart(seqWidth)}  ${process.padEnd(nameWidth)}  ${wrapText(`${showText(text)}${renderPlace(place)}`, indent)}`;
    lines.push(...line.split('\n').map((part) => paint(shows ? 'bold' : 'dim', part)));
    return { seq, lines };
  });
}

/** The column is for programs. */
const renderPlace = (place: string | undefined): string =>
  place === undefined ? '' : `  at ${showText(place.replace(/^(.*?:\d+):\d+$/, '$1'))}`;

const LABEL = 12;
export const renderLabelled = (label: string, text: string, paint: Paint): string =>
  `  ${paint('cyan', label.padEnd(LABEL - 2))}${wrapText(showText(text), LABEL)}`;

/** Expected and actual, why, and the hints that are allowed. */
export function renderReasons(finding: ResultFinding, options: RenderOptions): string {
  const paint = createPaint(options);
  const { hints } = finding;
  return [
    renderLabelled('expected', finding.expected, paint),
    renderLabelled('actual', finding.actual, paint),
    renderLabelled('why', `${finding.why} [${finding.source}]`, paint),
    ...hints.map((hint, index) => renderLabelled(hints.length === 1 ? 'hint' : `hint ${index + 1}`, hint, paint)),
  ].join('\n');
}

export interface FindingOptions extends RenderOptions {
  /** Has this very run been shown above? Then only the events that show the finding are repeated. */
  isShown?: boolean;
}

/** What it turns on. */
const renderSwap = ({ message, seq }: NonNullable<ResultFinding['swap']>): string =>
  `  ${wrapText(`${showText(message)} [event ${seq}]`, 2)}`;

/** What happened, the events that show it, what it turns on, expected and actual, why, and how to see it again. */
export function renderFinding(finding: ResultFinding, submission: string, options: FindingOptions): string {
  const paint = createPaint(options);
  const parts = [`  ${wrapText(showText(finding.message), 2)}`];
  const diagram = options.isShown ? undefined : finding.diagram;
  if (diagram) parts.push(renderDiagram(diagram, options));
  // A picture is short of words: the events that show it are told in full below it.
  const timeline = options.isShown || diagram ? finding.timeline.filter(({ shows }) => shows) : finding.timeline;
  if (timeline.length > 0) parts.push(renderEvents(timeline, paint));
  // What a run turns on is told where the run is.
  if (finding.swap && !options.isShown) parts.push(renderSwap(finding.swap));
  parts.push(`${renderReasons(finding, options)}\n${renderCommand(finding.token, submission, paint)}`);
  return parts.join('\n\n');
}

/** The command that shows it again. Not wrapped: it is there to be copied. */
export const renderCommand = (token: string, submission: string, paint: Paint): string =>
  `  ${paint('cyan', 'see it'.padEnd(LABEL - 2))}npx ipclab replay ${token} ${quoteArgument(submission)}`;

/** A word that a shell takes as it is. */
const quoteArgument = (text: string): string =>
  /^[\w./@%+=:,~-]+$/.test(text) ? text : `'${showText(text).replaceAll("'", "'\\''")}'`;

/** Errors of the build, as a compiler shows them. */
export function renderDiagnostics(diagnostics: readonly ResultDiagnostic[], options: RenderOptions): string {
  const paint = createPaint(options);
  const show = (text: string, indent: string): string[] =>
    text === '' ? [] : text.split('\n').map((line) => `${indent}${showText(line)}`);
  return diagnostics
    .map(({ file, line, column, severity, message, excerpt }) => {
      const place = showText(line > 0 ? `${file}:${line}:${column}` : file);
      const [first = '', ...rest] = show(message, '').map((text, index) =>
        wrapText(index === 0 ? `${place} ${severity}: ${text}` : text, 4),
      );
      // Painted after wrapping, which counts letters; a path that had to be broken stays plain.
      const head = `${place} ${severity}:`;
      const painted = `${paint('bold', place)} ${paint(severity === 'error' ? 'red' : 'yellow', severity)}:`;
      return [
        first.startsWith(head) ? `${painted}${first.slice(head.length)}` : first,
        ...rest.map((text) => `    ${text}`),
        ...show(excerpt, '  '),
      ].join('\n');
    })
    .join('\n');
}
