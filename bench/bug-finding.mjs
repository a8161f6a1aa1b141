// Who finds the labs' mutants, in the same time? Ours: a lab's grading with its default budget. Free: ours without control over who moves, where
// the supervisor can do that. Naive: naive-grader.mjs. The time of the last two is what ours has taken for the same mutant and seed,
// after the build. And whom of the correct programs do they accuse?
//   node bench/bug-finding.mjs [--only <text>] [--seeds 5] [--free] [--keep <file>] [--write docs/bug-finding.md]
// With --keep it can be done in several sittings: the file has a line of JSON for each program that was examined, to which new ones are added; the
// page is of all that are in there.
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, cpus, release, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSubmission, createEngine, createSchedule, parseToken, removeBuild, runScenario } from '@ipclab/harness';
import { createCheck, getInterrupt, loadLab, RULES, startGrading } from 'ipclab';
import { parse } from 'yaml';
import { bundleForNode } from './bundle-for-node.mjs';
import { getMedian } from './compare.mjs';
import { CHECKS } from './naive-checks/index.mjs';
import { runNaive } from './naive-grader.mjs';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '5' },
    free: { type: 'boolean', default: false },
    keep: { type: 'string' },
    write: { type: 'string' },
  },
});
const seeds = Array.from({ length: Number(values.seeds) }, (_, index) => index + 1);
const interrupt = getInterrupt();
const abort = interrupt.signal;
const labs = fileURLToPath(new URL('../labs', import.meta.url));
const scratch = mkdtempSync(path.join(tmpdir(), 'ipclab-bug-finding-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

const listFolders = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted()
    : [];

const getName = ({ id, name }) => `${id}/${name}`;

/** Every mutant and every correct program, as a folder of its own: { id, name, submission, wanted }; only a mutant has `wanted`. */
function collectSubjects() {
  const subjects = listFolders(labs)
    .filter((id) => id in CHECKS)
    .flatMap((id) => {
      const staff = path.join(labs, id, '.staff');
      const mutants = listFolders(path.join(staff, 'mutants'))
        .map((name) => createMutant(id, staff, name))
        .filter(({ submission }) => existsSync(path.join(submission, 'src')));
      const correct = [
        // The naive grader knows TypeScript only.
        ...listFolders(staff).filter(
          (name) => name.startsWith('solution') && existsSync(path.join(staff, name, 'src')),
        ),
        ...listFolders(path.join(staff, 'traps')).map((name) => `traps/${name}`),
      ].map((name) => ({ id, name, submission: path.join(staff, name) }));
      return [...mutants, ...correct];
    });
  return subjects.filter((subject) => getName(subject).includes(values.only));
}

function createMutant(id, staff, name) {
  const folder = path.join(staff, 'mutants', name);
  const { rule, code, from } = parse(readFileSync(path.join(folder, 'mutant.yaml'), 'utf8'));
  const submission = path.join(scratch, id, name);
  cpSync(path.join(staff, from), submission, { recursive: true });
  cpSync(folder, submission, { recursive: true, filter: (file) => path.basename(file) !== 'mutant.yaml' });
  return { id, name, submission, wanted: { rule, code } };
}

/** Is it what the mutant is there for? Of a correct program everything is an alarm. */
function createIsHit(lab, wanted) {
  if (!wanted) return () => true;
  const lines = lab.rules.filter((line) => line.rule === wanted.rule || line.id === wanted.rule).map(({ id }) => id);
  return (line, code) => lines.includes(line) && (!wanted.code || code === wanted.code);
}

/** { caught, ms: until the first run that showed it, budgetMs: from the end of the build to the result }. */
async function gradeOurs({ submission, wanted }, lab, seed) {
  const isHit = createIsHit(lab, wanted);
  let began;
  let ms;
  const grading = startGrading({
    submission,
    lab,
    seed,
    abort,
    onRun: (_, { observed }) => {
      if (ms === undefined && observed.some(({ line, finding }) => isHit(line, finding.code)))
        ms = performance.now() - began;
    },
  });
  await grading.build;
  began = performance.now();
  const { rules, faults } = await grading.result;
  const budgetMs = performance.now() - began;
  if (faults.length > 0) throw new Error(`Expected no fault in ${submission}, got ${JSON.stringify(faults)}`);
  // What was seen once, but not again, does not count.
  const hits = rules.filter((line) => line.verdict === 'fail' && isHit(line.id, line.finding.code));
  const caught = hits.length > 0;
  // Of what is left after shrinking.
  const sizes = hits.map(({ finding }) => {
    const token = parseToken(finding.token);
    const deviations = token.strategy.kind === 'default' ? token.deviations.length : UNCOUNTED;
    return { deviations, happenings: token.injections.length + token.faults.length };
  });
  return { caught, ms: caught ? ms : undefined, budgetMs, sizes };
}

/** Nor are shared memory and semaphores followed. */
const isAboutMemory = ({ events }) => events.some(({ kind, name }) => kind === 'call' && /^(?:shm|sem)/.test(name));

/** At full speed calls on files are not seen. */
const listFree = (lab) => Object.entries(lab.scenarios).filter(([, { fileCalls }]) => !fileCalls);

/** The same rules, but the programs run at full speed: every scenario in turn, until the time is over. Undefined if that tells nothing. */
async function gradeFree({ submission, wanted }, lab, budgetMs) {
  const isHit = createIsHit(lab, wanted);
  const build = await buildSubmission(submission, lab.roles);
  const began = performance.now();
  const engines = await Promise.all(Array.from({ length: availableParallelism() }, () => createEngine(build)));
  const scenarios = listFree(lab);
  let runs = 0;
  let isUnseen = false;
  let ms;
  const work = async (engine) => {
    while (performance.now() - began < budgetMs && ms === undefined && !abort.aborted) {
      const [name, scenario] = scenarios[runs++ % scenarios.length];
      const trace = await runScenario(engine, build, name, scenario, createSchedule({ strategy: { kind: 'free' } }));
      if (trace.choices > 0) throw new Error('Expected nobody to be held, got a trace with choices: free is not known');
      isUnseen ||= isAboutMemory(trace);
      if (isUnseen) return;
      if (createCheck(lab, name)(trace).some(({ line, finding }) => isHit(line, finding.code)))
        ms ??= performance.now() - began;
    }
  };
  try {
    await Promise.all(engines.map(work));
  } finally {
    await Promise.all(engines.map((engine) => engine.close()));
    removeBuild(build);
  }
  return isUnseen ? undefined : { caught: ms !== undefined, ms };
}

async function gradeNaive({ id, name, submission, wanted }, lab, budgetMs, seed) {
  const programs = path.join(scratch, 'bundles', id, name.replace('/', '-'), String(seed));
  mkdirSync(programs, { recursive: true });
  const entries = Object.entries(lab.roles).map(([role, { entry }]) => [role, path.join(submission, entry)]);
  await bundleForNode(Object.fromEntries(entries), programs);
  const { runs, differing, first } = await runNaive({
    lab: id,
    programs,
    budgetMs,
    seed,
    untilFirst: wanted !== undefined,
    abort,
  });
  rmSync(programs, { recursive: true });
  return { caught: first !== undefined, ms: first?.ms, what: first?.what, runs, differing };
}

async function examine(subject) {
  const lab = loadLab(path.join(labs, subject.id), RULES);
  const attempts = { ours: [], free: [], naive: [] };
  for (const seed of seeds) {
    if (abort.aborted) break;
    const ours = await gradeOurs(subject, lab, seed);
    attempts.ours.push(ours);
    const free = values.free && listFree(lab).length > 0 ? await gradeFree(subject, lab, ours.budgetMs) : undefined;
    if (free) attempts.free.push(free);
    attempts.naive.push(await gradeNaive(subject, lab, ours.budgetMs, seed));
  }
  return { subject, attempts };
}

const count = (attempts) => attempts.filter(({ caught }) => caught).length;
const score = (attempts) => (attempts.length > 0 ? `${count(attempts)}/${attempts.length}` : '–');
const firstMs = (attempts) => {
  const times = attempts.flatMap(({ ms }) => ms ?? []);
  return times.length > 0 ? getMedian(times).toFixed(0) : '';
};
/** Deviations of a token that names the strategy in their place. */
const UNCOUNTED = 9999;
const largest = (attempts, part) => Math.max(...attempts.flatMap(({ sizes }) => sizes.map((size) => size[part])));
const renderRows = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

function renderMutants(examined) {
  const rows = examined.map(({ subject, attempts: { ours, free, naive } }) => [
    getName(subject),
    subject.wanted.code ? `${subject.wanted.rule}: ${subject.wanted.code}` : subject.wanted.rule,
    score(ours),
    firstMs(ours),
    count(ours) > 0 ? largest(ours, 'deviations') : '',
    ...(values.free ? [score(free), firstMs(free)] : []),
    score(naive),
    firstMs(naive),
    naive.find(({ what }) => what)?.what ?? '',
  ]);
  const free = values.free ? ['free', 'ms'] : [];
  return renderRows(
    ['mutant', 'its rule', 'ours', 'ms', 'deviations', ...free, 'naive', 'ms', 'what the naive grader saw'],
    rows,
  );
}

function renderCorrect(examined) {
  const rows = examined.map(({ subject, attempts: { ours, free, naive } }) => {
    const sum = (field) => naive.reduce((total, attempt) => total + attempt[field], 0);
    return [
      getName(subject),
      score(ours),
      ...(values.free ? [score(free)] : []),
      score(naive),
      `${sum('differing')} of ${sum('runs')}`,
      naive.find(({ what }) => what)?.what ?? '',
    ];
  });
  const free = values.free ? ['free'] : [];
  return renderRows(['correct program', 'ours', ...free, 'naive', 'runs accused by the naive one', 'of what'], rows);
}

function renderSummary(mutants, correct) {
  const sides = ['ours', ...(values.free ? ['free'] : []), 'naive'];
  const lines = sides.map((side) => {
    const all = mutants.flatMap(({ attempts }) => attempts[side]);
    const tried = mutants.filter(({ attempts }) => attempts[side].length > 0);
    const always = tried.filter(({ attempts }) => attempts[side].every(({ caught }) => caught)).length;
    const never = tried.filter(({ attempts }) => attempts[side].every(({ caught }) => !caught)).length;
    const alarms = correct.flatMap(({ attempts }) => attempts[side]);
    return `- ${side}: ${count(all)} of ${all.length} attempts; ${always} of ${tried.length} mutants every time, ${never} never; first catch after ${firstMs(all)} ms (median). False alarms: ${count(alarms)} of ${alarms.length} attempts.`;
  });
  // What fails in the default order, without a signal or fault, needs no special schedule.
  const special = mutants.filter(
    ({ attempts: { ours } }) => largest(ours, 'deviations') > 0 || largest(ours, 'happenings') > 0,
  );
  const small = special.filter(({ attempts: { ours } }) => largest(ours, 'deviations') <= 3);
  const budgets = mutants.flatMap(({ attempts }) => attempts.ours.map(({ budgetMs }) => budgetMs));
  const budget = budgets.length > 0 ? `, ${(getMedian(budgets) / 1000).toFixed(1)} s (median)` : '';
  const shrunk = `After shrinking, ${small.length} of the ${special.length} mutants that need a special schedule need at most 3 deviations from the default order, whatever the seed.`;
  return [...lines, '', shrunk, '', `Time of an attempt: that of our whole grading of the same mutant${budget}.`].join(
    '\n',
  );
}

function renderPage(mutants, correct) {
  const ids = new Set([...mutants, ...correct].map(({ subject }) => subject.id));
  return `# Who finds the bugs, in the same time

Made by \`node bench/bug-finding.mjs\`: every mutant of ${[...ids].join(', ')}; seeds: ${seeds.length}; on ${availableParallelism()} processors
(${cpus()[0].model.trim()}, Node ${process.versions.node}, Linux ${release().split('-')[0]}).

- **ours**: a grading with the lab's default budget. Caught means: the rule that the mutant names failed, with that code, and the run was confirmed
  by two repetitions. The time is that of the first such run, after the build; deviations are those that are left after shrinking, the most of any seed.
${values.free ? '- **free**: the same rules, but nobody decides who moves; no signals at chosen places. Not repeated. –: it does not see calls on files, nor what happens in shared memory.\n' : ''}- **naive**: what is often written by hand (\`bench/naive-checks\`): real processes in an IPC namespace of their own, random sleeps before clients and signals, a
  time limit of 5 s; then a look at exit statuses, output, processes and queues that are left. All processors, the same wall time, a
  run begun is ended. Caught means: *any* difference, in any run, so that it need not say which rule is broken. The signals' sleeps are drawn up to the time that a run usually takes.

${renderSummary(mutants, correct)}

## Mutants

${renderMutants(mutants)}

## Correct programs

${renderCorrect(correct)}
`;
}

/** What was examined before: { subject, attempts }[]. */
const readKept = () =>
  values.keep && existsSync(values.keep)
    ? readFileSync(values.keep, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    : [];

const examined = readKept();
const known = new Set(examined.map(({ subject }) => getName(subject)));
for (const subject of collectSubjects().filter((one) => !known.has(getName(one)))) {
  if (abort.aborted) break;
  const result = await examine(subject);
  if (abort.aborted) break;
  examined.push(result);
  if (values.keep) appendFileSync(values.keep, `${JSON.stringify(result)}\n`);
  const { ours, naive } = result.attempts;
  console.error(`${getName(subject)}: ours ${score(ours)}, naive ${score(naive)}`);
}
if (!abort.aborted) {
  const sorted = examined.toSorted((a, b) => getName(a.subject).localeCompare(getName(b.subject)));
  const page = renderPage(
    sorted.filter(({ subject }) => subject.wanted),
    sorted.filter(({ subject }) => !subject.wanted),
  );
  console.log(page);
  if (values.write) writeFileSync(values.write, page);
}
process.exitCode = interrupt.getExitCode() ?? 0;
