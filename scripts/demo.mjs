// Grades every sample submission through the real path and compares with what is expected of it. Ends with 0 only if all is as expected.
//   node scripts/demo.mjs [only names that contain this]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { getHeadline, getInterrupt, loadLab, RULES, startGrading } from 'ipclab';
import { mapAtOnce, renderTable } from './table.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const samples = path.join(root, 'fixtures/submissions');
const [only = ''] = process.argv.slice(2);
const interrupt = getInterrupt();
const began = performance.now();

const submissions = listFolders(samples).flatMap((lab) =>
  listFolders(path.join(samples, lab)).map((name) => `${lab}/${name}`),
);
const labs = new Map();
const getLab = (id) => labs.get(id) ?? labs.set(id, loadLab(path.join(root, 'labs', id), RULES)).get(id);

const wanted = submissions.filter((name) => name.includes(only));
const graded = await mapAtOnce(wanted, availableParallelism(), async (name, index) => {
  const folder = path.join(samples, name);
  const result = await startGrading({
    submission: folder,
    lab: getLab(path.dirname(name)),
    // The last one has soon nobody beside it.
    engines: index === wanted.length - 1 ? availableParallelism() : 1,
    abort: interrupt.signal,
  }).result;
  const row = {
    name,
    result,
    headline: getHeadline(result),
    problems: compare(path.join(folder, 'expected.json'), result),
  };
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${name}`);
  return row;
});
if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');

const rows = graded.map(({ name, result, headline, problems }) => [
  problems.length === 0 ? '✓' : '✗',
  name,
  result.verdict,
  `${result.points}/${result.maxPoints}`,
  headline ? `${headline.message} [${headline.rule}: ${headline.code}]` : '',
]);
console.log(renderTable(['', 'submission', 'verdict', 'points', 'first finding'], rows));
const wrong = graded.filter(({ problems }) => problems.length > 0);
for (const { name, problems } of wrong)
  console.log(`\n✗ ${name}\n${problems.map((problem) => `    ${problem}`).join('\n')}`);
console.log(
  `\n${graded.length - wrong.length} of ${graded.length} as expected, in ${((performance.now() - began) / 1000).toFixed(1)} s`,
);
process.exitCode = interrupt.getExitCode() ?? (wrong.length === 0 && graded.length > 0 ? 0 : 1);

function listFolders(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

/** What differs from expected.json: { verdict, points, rule?, code? }. */
function compare(file, result) {
  if (!existsSync(file)) return ['Expected an expected.json, found none'];
  const expected = JSON.parse(readFileSync(file, 'utf8'));
  const headline = getHeadline(result);
  const line = result.rules.find(({ finding }) => finding);
  const found = { verdict: result.verdict, points: result.points, rule: headline?.rule, code: headline?.code };
  // A line of the score may be named in place of its rule.
  if (expected.rule !== undefined && expected.rule === line?.id) found.rule = line.id;
  return Object.keys(found)
    .filter((key) => expected[key] !== undefined || (key !== 'rule' && key !== 'code') || result.verdict === 'pass')
    .filter((key) => expected[key] !== found[key])
    .map((key) => `Expected ${key} to be ${expected[key] ?? 'none'}, got ${found[key] ?? 'none'}`);
}
