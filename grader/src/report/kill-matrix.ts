import { getUpperBound } from '../lab-check/confidence.js';
import type { KillMatrix } from '../lab-check/kill-matrix.js';
import { renderTable } from './table.js';
import { plural, wrapText } from './text.js';

type Row = Pick<KillMatrix['mutants'][number], 'mutant' | 'wanted' | 'lost'>;

/** Mutants by lines of the score: who loses what, with the first seed. ● as it must be, + lost too. */
export function renderMatrixTable(lines: readonly string[], mutants: readonly Row[]): string {
  const rows = mutants.map(({ mutant, wanted, lost }) => [
    mutant,
    ...lines.map((line) => (lost.includes(line) ? (wanted.includes(line) ? '●' : '+') : '·')),
  ]);
  const legend = lines.map((line, index) => `${index + 1} ${line}`).join(', ');
  return `${renderTable(['mutant', ...lines.map((_, index) => String(index + 1))], rows)}\n${wrapText(legend, 0)}`;
}

/** What a check has left of a lab, and whether all cores were kept busy meanwhile, as its certificate says. */
type Checked = KillMatrix & { load: boolean };

/** docs/kill-matrix.md: what the checks of all labs have found. */
export function renderKillMatrices(labs: readonly Checked[]): string {
  const mutants = labs.flatMap(({ seeds, mutants: own }) => own.map(({ caught }) => ({ caught, seeds })));
  const always = mutants.filter(({ caught, seeds }) => caught === seeds).length;
  const correct = labs.flatMap((lab) => lab.correct);
  const sum = (field: 'runs' | 'falseAlarms'): number => correct.reduce((total, each) => total + each[field], 0);
  const bound = (getUpperBound(sum('falseAlarms'), Math.max(1, sum('runs'))) * 100).toPrecision(1);
  return `# Kill matrix

Written by \`node scripts/kill-matrix.mjs\` from what \`ipclab lab check labs/<lab> --seeds 20 --runs 2000\` has left in each lab; where it says\nunder load, \`--runs 5000 --load\`, which keeps every core busy meanwhile.

**${always} of ${plural(mutants.length, 'mutant')}** are caught by the line of the score that they name, with the code that they name, on every seed,
within the lab's own budget. **${plural(sum('falseAlarms'), 'false alarm')}** in ${plural(sum('runs'), 'run')} of ${plural(correct.length, 'correct program')}: with 95 % confidence the rate is
below ${bound} %. Correct programs are the staff's solutions and traps, odd programs that a naive check fails.

| lab | mutants | on every seed | seeds | correct programs | runs | under load | false alarms |
| --- | --- | --- | --- | --- | --- | --- | --- |
${labs.map(renderSummaryRow).join('\n')}

Below, of each lab: by what a mutant must be caught, under what its mistake shows (the plain order, another order, a signal, a kill, a full
queue, …), on how many seeds it was, and the run that showed it first. Then which lines of the score it loses with the first seed: ● as it
must, + too, because one mistake can break several promises.

${labs.map(renderLab).join('\n')}`;
}

function renderSummaryRow({ lab, mutants, seeds, correct, load }: Checked): string {
  const sum = (field: 'runs' | 'falseAlarms'): number => correct.reduce((total, each) => total + each[field], 0);
  const always = mutants.filter(({ caught }) => caught === seeds).length;
  const cells = [
    lab,
    mutants.length,
    always,
    seeds,
    correct.length,
    sum('runs'),
    load ? 'yes' : 'no',
    sum('falseAlarms'),
  ];
  return `| ${cells.join(' | ')} |`;
}

function renderLab({ lab, title, seeds, lines, mutants }: KillMatrix): string {
  const rows = mutants.map(({ mutant, expected, under, caught, first }) => [
    mutant,
    expected,
    under,
    `${caught}/${seeds}`,
    first,
  ]);
  return `## ${lab}: ${title}

\`\`\`
${renderTable(['mutant', 'must be caught by', 'under', 'seeds', 'first at run'], rows)}

${renderMatrixTable(lines, mutants)}
\`\`\`
`;
}
