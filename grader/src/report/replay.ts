import type { Trace } from '@ipclab/native/supervisor';
import { createRun, type Formats } from '../model/run.js';
import { nameWait } from '../rules/words.js';
import type { ResultFinding, TimelineEvent } from '../score/result.js';
import { renderEvents, renderReasons } from './finding.js';
import { showText } from '../model/text.js';
import { createPaint, type RenderOptions } from './palette.js';
import { plural, wrapText } from './text.js';

/** A run that was made again from its token. */
export interface Replay {
  lab: { id: string; formats: Formats };
  token: { scenario: string; injections: readonly unknown[] };
  scenario: { title: string };
  trace: Trace;
  timeline: TimelineEvent[];
  findings: { id: string; finding: ResultFinding }[];
}

/** Every event of the run, how it ended, what was not reached, and what the rules say. */
export function renderReplay(
  { lab, token, scenario, trace, timeline, findings }: Replay,
  options: RenderOptions,
): string {
  const paint = createPaint(options);
  const run = createRun(trace, lab.formats);
  const marked = new Set(
    findings.flatMap(({ finding }) => finding.timeline.filter(({ shows }) => shows).map(({ seq }) => seq)),
  );
  const blocks = [
    paint('bold', `${lab.id} · ${token.scenario}: ${scenario.title}`),
    renderEvents(
      timeline.map((event) => ({ ...event, shows: marked.has(event.seq) })),
      paint,
    ),
  ];
  const waits = trace.end.waits.map((wait) => `    ${wrapText(nameWait(run, wait), 4)}`);
  blocks.push(
    trace.end.cause === 'completed'
      ? '  Every process has ended.'
      : [
          paint('bold', `  The run ended by ${trace.end.cause}${trace.end.detail ? ` (${trace.end.detail})` : ''}:`),
          ...waits,
        ].join('\n'),
  );
  const missed = trace.injections.filter(({ status }) => status !== 'landed');
  if (missed.length > 0)
    blocks.push(
      paint(
        'yellow',
        `  ${plural(missed.length, 'planned signal')} did not land: ${missed.map(({ status }) => status).join(', ')}`,
      ),
    );
  if (findings.length === 0) blocks.push(paint('green', '  No rule finds anything wrong in this run.'));
  for (const { id, finding } of findings)
    blocks.push(
      `${paint('red', showText(id))}\n  ${wrapText(showText(finding.message), 2)}\n\n${renderReasons(finding, options)}`,
    );
  return `${blocks.join('\n\n')}\n`;
}
