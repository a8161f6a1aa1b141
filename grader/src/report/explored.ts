import type { MatrixCell, MatrixRow, ScenarioResult } from '../score/result.js';
import type { Paint } from './palette.js';
import { measureText, plural, wrapText } from './text.js';

const PLACEMENTS = ['before', 'entry', 'blocked', 'after'] as const;
const COLUMN = 10;

/** How the schedules of a scenario were found, what that says, and where signals and faults came. */
export function renderExplored(scenario: ScenarioResult, paint: Paint): string {
  const { explored, placements } = scenario;
  const parts: string[] = [];
  if (explored && explored.strategies.length > 0 && scenario.runs > 1)
    parts.push(...renderStrategies(explored, scenario.runs).map((text) => `    ${paint('dim', wrapText(text, 4))}`));
  if (placements) parts.push(...renderMatrix(placements.matrix, paint));
  return parts.join('\n');
}

function renderStrategies(explored: NonNullable<ScenarioResult['explored']>, runs: number): string[] {
  const { strategies, distinct, preemptions, isComplete } = explored;
  const told = strategies.map(({ name, runs: count }) => `${name} ${count}`).join(', ');
  const texts = [`${distinct === runs ? 'all different' : `${distinct} of them different`}: ${told}`];
  if (isComplete) return [...texts, 'These are all the schedules that there are.'];
  if (preemptions !== undefined && preemptions >= 0)
    texts.push(
      `Every schedule with ${preemptions === 0 ? 'no preemption' : `at most ${plural(preemptions, 'preemption')}`} was run.`,
    );
  const guarantee = renderGuarantee(explored);
  return guarantee ? [...texts, guarantee] : texts;
}

/** The bound of PCT (Burckhardt and others 2010): a run meets a bug of depth d with probability ≥ 1 / (n · k^(d−1)). */
function renderGuarantee({
  strategies,
  processes,
  choices,
}: NonNullable<ScenarioResult['explored']>): string | undefined {
  const runs = strategies.find(({ name }) => name === 'pct(2)')?.runs ?? 0;
  if (runs === 0 || processes === 0 || choices === 0) return undefined;
  const probability = 1 - (1 - 1 / (processes * choices)) ** runs;
  const percent = probability >= 0.1 ? Math.floor(probability * 100) : Math.floor(probability * 1000) / 10;
  return `pct(2): a mistake that needs one ill-timed switch (${plural(processes, 'process', 'processes')}, ${plural(choices, 'choice')}) is met with a probability of at least ${percent} % in these ${plural(runs, 'run')}.`;
}

/** `call × placement`, a table for each signal or fault and process. */
function renderMatrix(rows: readonly MatrixRow[], paint: Paint): string[] {
  const heads = [...new Set(rows.map(({ what, process }) => `${what} at ${process}`))];
  const width = Math.max(...rows.map(({ call }) => call.length + 4), ...heads.map((head) => head.length)) + 2;
  const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - measureText(text)));
  return heads.flatMap((head) => [
    `    ${paint('bold', pad(head, width))}${PLACEMENTS.map((name) => name.padEnd(COLUMN)).join('')}`.trimEnd(),
    ...rows
      .filter(({ what, process }) => `${what} at ${process}` === head)
      .map(({ call, cells }) =>
        `    ${pad(`  ${call}`, width)}${PLACEMENTS.map((name) => renderCell(cells[name], paint)).join('')}`.trimEnd(),
      ),
  ]);
}

/** A number of places: those where it failed, of those tried; or where it was withstood. */
function renderCell(cell: MatrixCell | undefined, paint: Paint): string {
  if (!cell) return ' '.repeat(COLUMN);
  const { survived, failed, unreached, untried } = cell;
  const known = survived + failed + unreached + untried;
  if (failed > 0) return paint('red', (known === 1 ? 'FAIL' : `FAIL ${failed}/${known}`).padEnd(COLUMN));
  if (survived === known) return paint('green', (known === 1 ? 'ok' : `ok ${known}`).padEnd(COLUMN));
  if (survived > 0) return paint('green', `ok ${survived}/${known}`.padEnd(COLUMN));
  return paint('dim', (untried === known ? 'not tried' : 'not met').padEnd(COLUMN));
}
