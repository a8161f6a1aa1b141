import type { Result, RuleResult, ScenarioResult } from '../score/result.js';
import { type FindingOptions, renderDiagnostics, renderFinding } from './finding.js';
import { showText } from '../model/text.js';
import { createPaint, type Paint, type RenderOptions } from './palette.js';
import { cutText, measureText, plural, WIDTH, wrapText } from './text.js';

const MARKS: Record<RuleResult['verdict'], [string, Parameters<Paint>[0]]> = {
  pass: ['pass', 'green'],
  fail: ['FAIL', 'red'],
  inconclusive: ['????', 'yellow'],
  error: ['error', 'yellow'],
  'not-run': ['not run', 'dim'],
};

const VERDICTS: Record<Result['verdict'], string> = {
  pass: 'All of it holds.',
  fail: 'Some of it does not hold yet.',
  inconclusive: 'Some of it could not be told.',
  error: 'Something on our side, or of the machine, broke. That costs no points.',
};

function renderHeading({ title, verdict, points, maxPoints }: RuleResult, paint: Paint): string {
  const [mark, style] = MARKS[verdict];
  const score = `${points} of ${maxPoints}`;
  const width = WIDTH - 9 - score.length - 1;
  const text = cutText(title, width);
  return `${paint(style, mark.padEnd(9))}${paint('bold', text)}${' '.repeat(width - measureText(text) + 1)}${score}`;
}

/** Why a line of the score is not earned. */
export function renderOutcome(rule: RuleResult, result: Result, options: FindingOptions): string {
  if (rule.finding) return renderFinding(rule.finding, result.submission, options);
  if (rule.doubt) {
    const { reason, token, differs } = rule.doubt;
    const lines = [
      `  ${wrapText(showText(reason), 2)}`,
      `  See it: npx ipclab replay ${token} ${showText(result.submission)}`,
    ];
    if (differs)
      lines.push(
        `  first   #${differs.seq} ${showText(differs.first)}`,
        `  again   #${differs.seq} ${showText(differs.again)}`,
      );
    return lines.join('\n');
  }
  if (rule.verdict === 'not-run') return '  The programs do not build.';
  return result.faults.map(({ code, message }) => `  ${wrapText(`${code}: ${showText(message)}`, 2)}`).join('\n');
}

/** `400 runs: 371 pass · 22 crossed · 7 deadlock`, each with the token of its simplest run. */
function renderScenario({ name, runs, budget, outcomes, placements }: ScenarioResult, paint: Paint): string {
  const told = outcomes.map(({ what, runs: count }) => `${count} ${what}`).join(' · ');
  const signals = placements ? `; signals at ${placements.tried} of ${plural(placements.known, 'place')}` : '';
  const head = `  ${name}: ${runs === budget ? plural(runs, 'schedule') : `${runs} of ${plural(budget, 'schedule')}`}${signals}: ${told || 'none run'}`;
  const tokens = outcomes
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ what, token }) => paint('dim', `    ${what}: ${token}`));
  return [wrapText(head.trim(), 4).replace(/^/, '  '), ...tokens].join('\n');
}

/** One line at the end: points, and what the result depends on. */
export function renderSummary(result: Result, options: RenderOptions): string {
  const paint = createPaint(options);
  const { points, maxPoints, undecidedPoints, verdict, fingerprint, seed, interrupted } = result;
  const undecided = undecidedPoints > 0 ? `, ${undecidedPoints} undecided` : '';
  const style = verdict === 'pass' ? 'green' : verdict === 'fail' ? 'red' : 'yellow';
  const said = interrupted ? 'Interrupted: this is what was known.' : VERDICTS[verdict];
  return [
    `${paint(style, paint('bold', `${points} of ${plural(maxPoints, 'point')}${undecided}`))}  ${said}`,
    paint(
      'dim',
      `seed ${seed} · fingerprint ${fingerprint.id} · node ${fingerprint.node} · kernel ${fingerprint.kernel}`,
    ),
  ].join('\n');
}

/** The whole result, for a terminal. */
export function renderReport(result: Result, options: RenderOptions): string {
  const paint = createPaint(options);
  const failed = result.rules.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'not-run');
  const blocks = [`${paint('bold', `${result.lab.id}: ${result.lab.title}`)}\n${showText(result.submission)}`];
  if (result.diagnostics.length > 0) blocks.push(renderDiagnostics(result.diagnostics, options));
  // One cause often breaks several rules of the same run: it is told once, at the first.
  const told = new Map<string, string>();
  const shown = new Set<string>();
  for (const rule of result.rules) {
    const cause = rule.finding && `${rule.finding.rule} ${rule.finding.code} ${rule.finding.message}`;
    const before = cause === undefined ? undefined : told.get(cause);
    if (!failed.includes(rule)) blocks.push(renderHeading(rule, paint));
    else if (before !== undefined) blocks.push(`${renderHeading(rule, paint)}\n  As above: ${before}`);
    else {
      const isShown = rule.finding !== undefined && shown.has(rule.finding.token);
      blocks.push(`${renderHeading(rule, paint)}\n\n${renderOutcome(rule, result, { ...options, isShown })}\n`);
      if (rule.finding) shown.add(rule.finding.token);
    }
    if (cause !== undefined && before === undefined) told.set(cause, rule.title);
  }
  if (result.scenarios.length > 0)
    blocks.push(
      `${paint('bold', 'Explored')}\n${result.scenarios.map((scenario) => renderScenario(scenario, paint)).join('\n')}`,
    );
  if (failed.length === 0 && result.faults.length > 0)
    blocks.push(
      result.faults.map(({ code, message }) => `${paint('yellow', 'fault')} ${code}: ${showText(message)}`).join('\n'),
    );
  blocks.push(renderSummary(result, options));
  // Lines of the score that hold stand close together.
  return `${blocks.reduce((text, block, index) => `${text}${index === 0 ? '' : isHeading(blocks[index - 1]!) && isHeading(block) ? '\n' : '\n\n'}${block}`, '')}\n`;
}

const isHeading = (block: string): boolean => !block.includes('\n') && / of \d/.test(block);
