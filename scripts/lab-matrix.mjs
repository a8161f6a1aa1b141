// The kill matrix of the labs: is every mutant caught by the rule that it names, whatever the seed, and does no correct solution ever fail?
//   node scripts/lab-matrix.mjs [--only <text>] [--seeds 20] [--runs 500] [--mutants] [--solutions]
// Mutants: labs/<id>/.staff/mutants/<name>/ holds the files that differ from the solution `from`, and mutant.yaml { rule, code?, from, under }.
// Each is graded once a seed with the lab's own budget. Solutions: `runs` random runs over all scenarios, while every core is kept busy.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { getHeadline, getInterrupt, loadLab, RULES, startGrading } from 'ipclab';
import { parse } from 'yaml';
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
const scratch = mkdtempSync(path.join(tmpdir(), 'ipclab-matrix-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const listFolders = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted()
    : [];
const labs = listFolders(path.join(root, 'labs')).filter((id) => existsSync(path.join(root, 'labs', id, 'lab.yaml')));
let failed = false;

if (both || values.mutants) await printMutants();
if ((both || values.solutions) && !interrupt.signal.aborted) await printSolutions();
process.exitCode = interrupt.getExitCode() ?? (failed ? 1 : 0);

async function printMutants() {
  const mutants = labs.flatMap((id) => {
    const folder = path.join(root, 'labs', id, '.staff/mutants');
    return listFolders(folder).map((name) => ({ id, name, folder: path.join(folder, name) }));
  });
  const rows = await mapAtOnce(
    mutants.filter(({ id, name }) => `${id}/${name}`.includes(values.only)),
    availableParallelism(),
    runMutant,
  );
  console.log(`Mutants, ${seeds} seeds, the labs' default budget:\n`);
  console.log(renderTable(['', 'mutant', 'must be caught by', 'under', 'caught', 'first at run', 'otherwise'], rows));
  const bad = rows.filter(([mark]) => mark !== '✓');
  console.log(
    `\n${rows.length - bad.length} of ${rows.length} mutants are caught on at least ${needed} of ${seeds} seeds\n`,
  );
  if (bad.length > 0 || rows.length === 0) failed = true;
}

async function runMutant({ id, name, folder }) {
  const { rule, code, from, under = '' } = parse(readFileSync(path.join(folder, 'mutant.yaml'), 'utf8'));
  const submission = path.join(scratch, id, name);
  cpSync(path.join(root, 'labs', id, '.staff', from), submission, { recursive: true });
  cpSync(folder, submission, { recursive: true, filter: (file) => path.basename(file) !== 'mutant.yaml' });
  const lab = loadLab(path.join(root, 'labs', id), RULES);
  const lines = lab.rules.filter((line) => line.rule === rule || line.id === rule).map((line) => line.id);
  let caught = 0;
  let first = '';
  const otherwise = new Map();
  for (let seed = 1; seed <= seeds && !interrupt.signal.aborted; seed++) {
    let found = false;
    const result = await startGrading({
      submission,
      lab,
      seed,
      engines: 1,
      abort: interrupt.signal,
      // One catch is enough; the other scenarios need not go on.
      isEnough: (lost) => (found ||= lines.some((line) => lost.has(line))),
    }).result;
    const hit = result.rules.find(
      (line) => lines.includes(line.id) && line.verdict === 'fail' && (!code || line.finding.code === code),
    );
    if (hit) {
      caught++;
      if (!first)
        first = `${result.scenarios.find((scenario) => scenario.name === hit.finding.scenario).runs} of ${hit.finding.scenario}`;
    } else {
      const headline = getHeadline(result);
      const what = headline ? `${headline.rule}: ${headline.code}` : result.verdict;
      otherwise.set(what, (otherwise.get(what) ?? 0) + 1);
    }
  }
  const others = [...otherwise].map(([what, count]) => `${what} (${count})`).join(', ');
  return [
    caught >= needed ? '✓' : '✗',
    `${id}/${name}`,
    code ? `${rule}: ${code}` : rule,
    under,
    `${caught}/${seeds}`,
    first,
    others,
  ];
}

async function printSolutions() {
  const solutions = labs.flatMap((id) => {
    const staff = path.join(root, 'labs', id, '.staff');
    const traps = listFolders(path.join(staff, 'traps')).map((name) => `traps/${name}`);
    return [...listFolders(staff).filter((name) => name.startsWith('solution')), ...traps].map((name) => ({
      id,
      name,
      folder: path.join(staff, name),
    }));
  });
  // Something to compete with on every core.
  const load = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
  );
  const stop = () => load.forEach((child) => child.kill('SIGKILL'));
  process.on('exit', stop);
  try {
    const rows = await mapAtOnce(
      solutions.filter(({ id, name }) => `${id}/${name}`.includes(values.only)),
      availableParallelism(),
      runSolution,
    );
    console.log(`Correct programs, while ${load.length} cores are kept busy by another load:\n`);
    console.log(renderTable(['', 'solution', 'runs', 'false alarms', 'inconclusive', 'faults', 'what'], rows));
    if (rows.some(([mark]) => mark !== '✓') || rows.length === 0) failed = true;
  } finally {
    stop();
  }
}

async function runSolution({ id, name, folder }) {
  const lab = loadLab(path.join(root, 'labs', id), RULES);
  // Of a scenario with one schedule there is one run to make; the others share the runs.
  const several = Object.values(lab.scenarios).filter(({ schedules }) => schedules > 1);
  for (const scenario of several) scenario.schedules = Math.ceil(runs / several.length);
  let made = 0;
  let alarms = 0;
  const result = await startGrading({
    submission: folder,
    lab,
    seed: 1,
    engines: 1,
    abort: interrupt.signal,
    isEnough: () => false,
    onRun: (_, run) => {
      made++;
      if (run.observed.length > 0) alarms++;
    },
  }).result;
  const doubts = result.rules.filter(({ verdict }) => verdict === 'inconclusive').length;
  const headline = getHeadline(result);
  const good = result.verdict === 'pass' && alarms === 0;
  return [
    good ? '✓' : '✗',
    `${id}/${name}`,
    made,
    alarms,
    doubts,
    result.faults.length,
    headline ? `${headline.rule}: ${headline.message}` : '',
  ];
}
