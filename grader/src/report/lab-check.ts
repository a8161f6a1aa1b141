import { isSound, type LabCheck } from '../lab-check/lab-check.js';
import { showText } from '../model/text.js';
import { renderMatrixTable } from './kill-matrix.js';
import { createPaint, type Paint, type RenderOptions } from './palette.js';
import { renderTable } from './table.js';
import { plural, wrapText } from './text.js';

/** What `ipclab lab check` says. */
export function renderLabCheck(check: LabCheck, options: RenderOptions): string {
  const paint = createPaint(options);
  const { lab, seeds, problems, faults, alarms, detection, load } = check;
  const blocks = [
    `${paint('bold', `${lab.id}: ${lab.title}`)}\n${plural(lab.points, 'point')} in ${plural(lab.lines.length, 'line')}; ${plural(seeds, 'seed')}${load ? ', every core kept busy' : ''}`,
    ...renderPrograms(check, paint),
  ];
  if (check.mutants.length > 0) blocks.push(renderMatrix(check, paint));
  const rate = `${plural(alarms.alarms, 'false alarm')} in ${plural(alarms.runs, 'run')} of correct programs`;
  const bound = `the rate is below ${(alarms.upperBound * 100).toFixed(2)} % (95 % confidence)`;
  const facts = alarms.runs > 0 ? [`${rate}: ${bound}.`] : [];
  if (detection.median !== undefined)
    facts.push(`Runs until a mistake is seen: median ${detection.median}, at most ${detection.max}.`);
  if (facts.length > 0) blocks.push(facts.join('\n'));
  if (problems.length > 0)
    blocks.push(
      `${paint('red', plural(problems.length, 'problem'))}\n${problems.map((text) => `  ${wrapText(showText(text), 4)}`).join('\n')}`,
    );
  if (faults.length > 0)
    blocks.push(
      `${paint('yellow', plural(faults.length, 'fault'))}: something broke, and so nothing is said of the lab\n${faults.map((text) => `  ${wrapText(showText(text), 4)}`).join('\n')}`,
    );
  blocks.push(
    check.interrupted
      ? 'Interrupted: nothing is certified.'
      : isSound(check)
        ? paint('green', 'Certified.')
        : paint('red', 'Not certified.'),
  );
  return `${blocks.join('\n\n')}\n`;
}

function renderPrograms({ seeds: wanted, skeletons, correct, mutants }: LabCheck, paint: Paint): string[] {
  // An interrupt leaves some of them half done: of these nothing is said.
  const mark = (isGood: boolean, seeds = wanted): string => (seeds < wanted ? '?' : isGood ? '✓' : '✗');
  const tables: string[] = [];
  const add = (title: string, head: string[], rows: (string | number)[][]): void => {
    if (rows.length > 0) tables.push(`${paint('bold', title)}\n${renderTable(head, rows)}`);
  };
  add(
    'Skeletons fail',
    ['', 'skeleton', 'must fail by', 'failed by', 'points'],
    skeletons.map(({ name, expected, hasFailed, what, points }) => [mark(hasFailed), name, expected, what, points]),
  );
  add(
    'Correct programs pass',
    ['', 'program', 'seeds', 'runs', 'false alarms', 'unclear', 'what'],
    correct.map(({ name, seeds, passed, runs, alarms, inconclusive, what }) => [
      mark(passed === seeds && alarms === 0, seeds),
      name,
      `${passed}/${seeds}`,
      runs,
      alarms,
      inconclusive,
      what,
    ]),
  );
  add(
    'Mutants are caught',
    ['', 'mutant', 'must be caught by', 'under', 'seeds', 'first at run', 'otherwise'],
    mutants.map(({ name, expected, under, seeds, caught, first, otherwise }) => [
      mark(caught === seeds, seeds),
      name,
      expected,
      under,
      `${caught}/${seeds}`,
      first,
      otherwise.join(', '),
    ]),
  );
  return tables;
}

/** Mutants by lines of the score: who loses what, with the first seed. */
function renderMatrix({ lab, mutants }: LabCheck, paint: Paint): string {
  const graded = mutants.filter(({ seeds }) => seeds > 0);
  const idle = lab.lines.filter((line) => !graded.some(({ lost }) => lost.includes(line)));
  return [
    `${paint('bold', 'Kill matrix')}, of the first seed: ● lost as it must be, + lost too`,
    renderMatrixTable(
      lab.lines,
      graded.map(({ name, wanted, lost }) => ({ mutant: name, wanted, lost })),
    ),
    ...(idle.length > 0 ? [paint('yellow', wrapText(`No mutant loses ${idle.join(', ')}.`, 0))] : []),
  ].join('\n');
}
