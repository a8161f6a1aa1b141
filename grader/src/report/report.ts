import type { Doubt, Result, ResultFault, RuleResult, ScenarioResult } from '../score/result.js';
import { renderExplored } from './explored.js';
import { type FindingOptions, renderCommand, renderDiagnostics, renderFinding, renderLabelled } from './finding.js';
import { showText } from '../model/text.js';
import { createPaint, type Paint, type RenderOptions } from './palette.js';
import { measureText, plural, WIDTH, wrapText } from './text.js';

const MARKS: Record<RuleResult['verdict'], [string, Parameters<Paint>[0]]> = {
  pass: ['pass', 'green'],
  fail: ['FAIL', 'red'],
  inconclusive: ['unclear', 'yellow'],
  error: ['error', 'yellow'],
  'not-run': ['not run', 'dim'],
  untested: ['unseen', 'red'],
};

const VERDICTS: Record<Result['verdict'], string> = {
  pass: 'All of it holds.',
  fail: 'Some of it does not hold yet.',
  inconclusive: 'Some of it could not be told.',
  error: 'Something on our side, or of the machine, broke. That costs no points.',
};

const MARK = 9; // columns of a mark

function renderHeading({ title, verdict, points, maxPoints }: RuleResult, paint: Paint): string {
  const [mark, style] = MARKS[verdict];
  const score = ` ${points} of ${maxPoints}`;
  const width = WIDTH - score.length;
  const [first = '', ...rest] = wrapText(title, MARK, width).split('\n');
  const gap = ' '.repeat(width - MARK - measureText(first));
  return [
    `${paint(style, mark.padEnd(MARK))}${paint('bold', first)}${gap}${score}`,
    ...rest.map((line) => paint('bold', line)),
  ].join('\n');
}

/** What was seen once and not again. */
function renderDoubt({ reason, token, differs }: Doubt, submission: string, options: RenderOptions): string {
  const paint = createPaint(options);
  return [
    `  ${wrapText(showText(reason), 2)}`,
    '',
    ...(differs
      ? [
          renderLabelled('first', `#${differs.seq} ${differs.first}`, paint),
          renderLabelled('again', `#${differs.seq} ${differs.again}`, paint),
        ]
      : []),
    renderCommand(token, submission, paint),
  ].join('\n');
}

/** Why a line of the score is not earned. */
export function renderOutcome(rule: RuleResult, result: Result, options: FindingOptions): string {
  if (rule.finding) return renderFinding(rule.finding, result.submission, options);
  if (rule.doubt) return renderDoubt(rule.doubt, result.submission, options);
  if (rule.takes !== undefined)
    return `  ${wrapText(`Nothing put it to the test, so it earns nothing. It takes ${showText(rule.takes)}.`, 2)}`;
  if (rule.verdict === 'not-run') return '  The programs do not build.';
  const paint = createPaint(options);
  return listFaults(result)
    .map((fault) => `  ${renderFault(fault, 2)}${renderFaultCommand(fault, result.submission, paint)}`)
    .join('\n');
}

/** Each once, though it may have come in many scenarios. */
const listFaults = ({ faults }: Result): ResultFault[] =>
  faults.filter(
    ({ code, message }, index) => faults.findIndex((one) => one.code === code && one.message === message) === index,
  );

const renderFault = ({ code, message }: ResultFault, indent: number, width = WIDTH): string =>
  `${code}: ${message}`
    .split('\n')
    .map((line) => wrapText(showText(line), indent, width))
    .join(`\n${' '.repeat(indent)}`);

/** Where it came in a run: to see it again, and to report it. */
const renderFaultCommand = ({ token, scenario }: ResultFault, submission: string, paint: Paint): string =>
  token === undefined || token === scenario ? '' : `\n${renderCommand(token, submission, paint)}`;

/** `400 runs: 371 pass · 22 crossed · 7 deadlock`, each with the token of its simplest run. */
function renderScenario(scenario: ScenarioResult, paint: Paint): string {
  const { name, runs, budget, outcomes, placements, outOfTime } = scenario;
  const told = outcomes.map(({ what, runs: count }) => `${count} ${what}`).join(' · ');
  const signals = placements ? `; tried at ${placements.tried} of ${plural(placements.known, 'place')}` : '';
  const time = outOfTime ? ', then the time was over' : '';
  const head = `  ${name}: ${runs === budget ? plural(runs, 'schedule') : `${runs} of ${plural(budget, 'schedule')}`}${time}${signals}: ${told || 'none run'}`;
  const tokens = outcomes
    .filter(({ verdict }) => verdict !== 'pass')
    .map(({ what, token }) => paint('dim', `    ${what}: ${token}`));
  const explored = renderExplored(scenario, paint);
  return [wrapText(head.trim(), 4).replace(/^/, '  '), ...tokens, ...(explored ? [explored] : [])].join('\n');
}

/** Points, and what the result depends on. */
export function renderSummary(result: Result, options: RenderOptions): string {
  const paint = createPaint(options);
  const { lab, points, maxPoints, undecidedPoints, verdict, fingerprint, seed, interrupted, diagnostics } = result;
  const score = `${points} of ${plural(maxPoints, 'point')}${undecidedPoints > 0 ? `, ${undecidedPoints} undecided` : ''}`;
  const style = verdict === 'pass' ? 'green' : verdict === 'fail' ? 'red' : 'yellow';
  const isBroken = diagnostics.some(({ severity }) => severity === 'error');
  const said = interrupted
    ? 'Interrupted: this is what was known.'
    : isBroken
      ? 'It does not build yet.'
      : VERDICTS[verdict];
  return [
    `${paint(style, paint('bold', score))}${score.length + 2 + said.length > WIDTH ? '\n' : '  '}${said}`,
    paint(
      'dim',
      `fingerprint ${fingerprint.id}: seed ${seed} · lab ${fingerprint.lab.slice(0, 8)} · ipclab ${fingerprint.tool} · node ${fingerprint.node} · kernel ${fingerprint.kernel}`,
    ),
    ...(lab.certified ? [] : [paint('dim', 'lab not certified: ipclab lab check has not passed it as it is')]),
  ].join('\n');
}

/** Lines of the score, each that failed with why. One cause often breaks several of them in the same run: it is told once. */
function renderScore(result: Result, options: RenderOptions): string {
  const paint = createPaint(options);
  const told = new Map<string, string>();
  const shown = new Set<string>();
  let text = '';
  let wasHeld = true;
  for (const rule of result.rules) {
    const { finding, verdict, title } = rule;
    const isHeld = verdict === 'pass' || verdict === 'not-run';
    // What broke is told of the result as a whole.
    const cause = finding ? `${finding.rule} ${finding.code} ${finding.message}` : verdict === 'error' ? verdict : '';
    const before = told.get(cause);
    // Lines that hold stand close together.
    text += `${text === '' ? '' : isHeld && wasHeld ? '\n' : '\n\n'}${renderHeading(rule, paint)}`;
    if (before !== undefined) text += `\n  ${wrapText(`As above: ${before}`, 4)}`;
    else if (!isHeld) {
      const isShown = finding !== undefined && shown.has(finding.token);
      text += `\n\n${renderOutcome(rule, result, { ...options, isShown })}\n`;
    }
    if (cause !== '' && before === undefined) told.set(cause, title);
    if (finding) shown.add(finding.token);
    wasHeld = isHeld;
  }
  return text;
}

/** The whole result, for a terminal. */
export function renderReport(result: Result, options: RenderOptions): string {
  const paint = createPaint(options);
  const { lab, submission, diagnostics, rules, scenarios } = result;
  const blocks = [`${paint('bold', `${lab.id}: ${lab.title}`)}\n${showText(submission)}`];
  if (diagnostics.length > 0) blocks.push(renderDiagnostics(diagnostics, options));
  blocks.push(renderScore(result, options));
  if (scenarios.length > 0)
    blocks.push(
      `${paint('bold', 'Explored')}\n${scenarios.map((scenario) => renderScenario(scenario, paint)).join('\n')}`,
    );
  // Those of a line that could not be told are told there.
  if (!rules.some(({ verdict }) => verdict === 'error'))
    blocks.push(
      ...listFaults(result).map(
        (fault) =>
          `${paint('yellow', 'fault')} ${renderFault(fault, 6, WIDTH - 6)}${renderFaultCommand(fault, submission, paint)}`,
      ),
    );
  blocks.push(renderSummary(result, options));
  return `${blocks.join('\n\n')}\n`;
}
