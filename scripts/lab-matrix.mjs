// The kill matrix of the labs: is every mutant caught by the rule that it names, whatever the seed, and does no correct solution ever fail?
//   node scripts/lab-matrix.mjs [--only <text>] [--seeds 20] [--runs 500] [--mutants] [--solutions]
// Mutants: labs/<id>/.staff/mutants/<name>/ holds the files that differ from the solution `from`, and mutant.yaml { rule, code?, from, under }.
// Each is graded once a seed with the lab's own budget. Solutions: `runs` random runs over all scenarios, while every core is kept busy.
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createTemporaryFolder, removeTemporaryFolder } from '@ipclab/harness';
import { getInterrupt, gradeCorrect, gradeMutant, keepBusy, listFolders, loadLab, loadParts, RULES } from 'ipclab';
import { mapAtOnce, renderTable } from './table.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '20' },
    runs: { type: 'string', default: '500' },
    mutants: { type: 'boolean', default: false },
    solutions: { type: 'boolean', default: false },
  },
});
const both = values.mutants === values.solutions;
const seeds = Number(values.seeds);
const runs = Number(values.runs);
// On at least 18 of 20 seeds.
const needed = Math.ceil(seeds * 0.9);
const interrupt = getInterrupt();
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const labs = listFolders(path.join(root, 'labs'))
  .filter((id) => existsSync(path.join(root, 'labs', id, 'lab.yaml')))
  .map((id) => ({ lab: loadLab(path.join(root, 'labs', id), RULES), ...loadParts(path.join(root, 'labs', id)) }));
let failed = false;

if (both || values.mutants) await printMutants();
if ((both || values.solutions) && !interrupt.signal.aborted) await printSolutions();
process.exitCode = interrupt.getExitCode() ?? (failed ? 1 : 0);

async function printMutants() {
  const all = labs.flatMap(({ lab, mutants }) => mutants.map((mutant) => ({ lab, mutant })));
  const scratch = createTemporaryFolder('matrix');
  const rows = await mapAtOnce(
    all.filter(({ lab, mutant }) => `${lab.id}/${mutant.name}`.includes(values.only)),
    availableParallelism(),
    async ({ lab, mutant }) => {
      const outcome = await gradeMutant({ lab, mutant, seeds, scratch, abort: interrupt.signal });
      const { expected, under, caught, first, otherwise, faults } = outcome;
      const others = [...otherwise, ...faults].join(', ');
      const mark = caught >= needed ? '✓' : '✗';
      return [mark, `${lab.id}/${mutant.name}`, expected, under, `${caught}/${seeds}`, first, others];
    },
  );
  removeTemporaryFolder(scratch);
  console.log(`Mutants, ${seeds} seeds, the labs' default budget:\n`);
  console.log(renderTable(['', 'mutant', 'must be caught by', 'under', 'caught', 'first at run', 'otherwise'], rows));
  const bad = rows.filter(([mark]) => mark !== '✓');
  console.log(
    `\n${rows.length - bad.length} of ${rows.length} mutants are caught on at least ${needed} of ${seeds} seeds\n`,
  );
  if (bad.length > 0 || rows.length === 0) failed = true;
}

async function printSolutions() {
  const programs = labs.flatMap(({ lab, correct }) => correct.map((program) => ({ lab, program })));
  const rest = keepBusy();
  try {
    const rows = await mapAtOnce(
      programs.filter(({ lab, program }) => `${lab.id}/${program.name}`.includes(values.only)),
      availableParallelism(),
      async ({ lab, program }) => {
        const outcome = await gradeCorrect({ lab, program, seeds: 1, runs, abort: interrupt.signal });
        const { passed, runs: made, alarms, inconclusive, faults, what } = outcome;
        const mark = passed === 1 && alarms === 0 ? '✓' : '✗';
        return [mark, `${lab.id}/${program.name}`, made, alarms, inconclusive, faults.length, what];
      },
    );
    console.log('Correct programs, while every core is kept busy by another load:\n');
    console.log(renderTable(['', 'solution', 'runs', 'false alarms', 'inconclusive', 'faults', 'what'], rows));
    if (rows.some(([mark]) => mark !== '✓') || rows.length === 0) failed = true;
  } finally {
    await rest();
  }
}
