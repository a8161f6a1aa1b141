import type { Token } from '@ipclab/harness';
import type { Trace } from '@ipclab/native/supervisor';
import { createRun, type Formats } from '../model/run.js';
import { nameWait } from '../rules/words.js';
import type { Diagram } from '../score/diagram.js';
import type { ResultFinding, TimelineEvent } from '../score/result.js';
import { type DrawnDiagram, drawDiagram } from './diagram.js';
import { renderEventLines, renderEvents, renderReasons } from './finding.js';
import { listMisses } from './miss.js';
import { showText } from '../model/text.js';
import { createPaint, type Paint, type RenderOptions } from './palette.js';
import { wrapText } from './text.js';

/** A run that was made again from its token. */
export interface Replay {
  lab: { id: string; formats: Formats; rules: readonly { id: string; title: string }[] };
  token: Pick<Token, 'scenario' | 'deviations' | 'injections' | 'faults' | 'line'>;
  scenario: { title: string };
  trace: Trace;
  timeline: TimelineEvent[];
  /** Of the whole run, if several processes took part. */
  diagram?: Diagram | undefined;
  /** `id`: of the line of the score. */
  findings: { id: string; finding: ResultFinding }[];
}

/** Does the line of the token fail, or any if it names none? */
export const hasFailed = ({ token, findings }: Pick<Replay, 'token' | 'findings'>): boolean =>
  findings.some(({ id }) => token.line === undefined || id === token.line);

export interface ReplayOptions extends RenderOptions {
  /** Is the run to be told in full sentences? A picture is short of words. */
  list?: boolean;
  width?: number;
}

/** The run, event by event: a picture, or a list. What shows a finding is marked. */
export function drawReplay(replay: Replay, options: ReplayOptions): DrawnDiagram {
  const { timeline, diagram, token, findings } = replay;
  const listShown = (some: Replay['findings']): number[] =>
    some.flatMap(({ finding }) => finding.timeline.filter(({ shows }) => shows).map(({ seq }) => seq));
  const marked = new Set(listShown(findings));
  if (!diagram || options.list) {
    const events = timeline.map((event) => ({ ...event, shows: marked.has(event.seq) }));
    // Each is drawn as part of the whole: columns depend on all of them.
    return { head: [], rows: renderEventLines(events, createPaint(options)) };
  }
  const told = findings.filter(({ id }) => token.line === undefined || id === token.line).slice(0, 1);
  return drawDiagram(
    {
      ...diagram,
      rows: diagram.rows.map((row) => ({ ...row, shows: marked.has(row.seq) })),
      here: listShown(told).at(-1) ?? null,
    },
    options,
  );
}

/** Every event of the run, how it ended, what the rules say, and whether what the token shows is still so. */
export function renderReplay(replay: Replay, options: ReplayOptions): string {
  const { lab, trace, diagram, findings } = replay;
  const paint = createPaint(options);
  const run = createRun(trace, lab.formats);
  const { head, rows } = drawReplay(replay, options);
  const blocks = [paint('bold', nameReplay(replay)), [...head, ...rows.flatMap(({ lines }) => lines)].join('\n')];
  const waits = trace.end.waits.map((wait) => `    ${wrapText(nameWait(run, wait), 4)}`);
  blocks.push(
    trace.end.cause === 'completed'
      ? '  Every process has ended.'
      : [
          paint('bold', `  The run ended by ${trace.end.cause}${trace.end.detail ? ` (${trace.end.detail})` : ''}:`),
          ...waits,
        ].join('\n'),
  );
  const told = new Set<string>();
  for (const { id, finding } of findings) {
    blocks.push(`${paint('red', showText(id))}\n  ${wrapText(showText(finding.message), 2)}`);
    const shown = finding.timeline.filter(({ shows }) => shows);
    // A picture is short of words. One cause may break several lines of the score.
    if (diagram && !options.list && shown.length > 0 && !told.has(finding.message))
      blocks.push(renderEvents(shown, paint));
    told.add(finding.message);
    blocks.push(renderReasons(finding, options));
  }
  blocks.push(renderVerdict(replay, paint));
  return `${blocks.join('\n\n')}\n`;
}

export const nameReplay = ({ lab, token, scenario }: Pick<Replay, 'lab' | 'token' | 'scenario'>): string =>
  `${lab.id} · ${token.scenario}: ${scenario.title}`;

/** Four cases: it still fails, or passes; and the schedule was followed, or could not be. */
function renderVerdict(replay: Replay, paint: Paint): string {
  const { lab, token, trace, findings } = replay;
  const misses = listMisses(createRun(trace, lab.formats), token);
  const ids = token.line === undefined ? [...new Set(findings.map(({ id }) => id))] : [token.line];
  const titles = ids.map((id) => lab.rules.find((rule) => rule.id === id)?.title ?? id).join('; ');
  if (hasFailed(replay)) {
    const sentence = `${token.line === undefined ? 'Fails' : 'Still fails'}: ${titles}.`;
    if (misses.length === 0) return renderParagraph(sentence, 'red', paint);
    return [
      renderParagraph(`${sentence} And that though not all of the schedule was reached:`, 'red', paint),
      ...misses.map(({ step, text }) => `    ${wrapText(`${step === undefined ? '' : `step ${step}: `}${text}.`, 6)}`),
    ].join('\n');
  }
  const clean = 'No rule finds anything wrong in this run';
  const others = findings.length === 0 ? '' : ' Other rules fail in this run, as said above.';
  if (misses.length === 0)
    return renderParagraph(`${token.line === undefined ? clean : `Passes now: ${titles}`}.${others}`, 'green', paint);
  const holds = token.line === undefined ? clean : `Passes in this run: ${titles}`;
  return [
    ...misses.map(({ step, text }) => `No longer reached${step === undefined ? '' : ` at step ${step}`}: ${text}.`),
    `${holds}. But it could not follow the schedule, so it proves little.${others}`,
  ]
    .map((text) => renderParagraph(text, 'yellow', paint))
    .join('\n');
}

const renderParagraph = (text: string, style: Parameters<Paint>[0], paint: Paint): string =>
  paint(style, `  ${wrapText(showText(text), 2)}`);
