// Does every failing token fail again, each time, from another folder, as root and as an ordinary user?
//   node scripts/tokens.mjs [--times 100] [--only <text>]
// Grades every sample submission that fails, and replays the token of each line that it lost. As root it then does the same once
// more as user 1000, who needs user namespaces.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildSubmission, createEngine, parseToken, removeBuild, runScenario, scheduleOfToken } from '@ipclab/harness';
import { createCheck, loadLab, RULES, startGrading } from 'ipclab';
import { mapAtOnce, renderTable } from './table.mjs';

const USER = 1000;
const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '100' },
    only: { type: 'string', default: '' },
    // Of the second round: what the first has found.
    file: { type: 'string' },
  },
});
const times = Number(values.times);
const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const submissions = path.join(root, 'fixtures/submissions');
const loadLabOf = (id) => loadLab(path.join(root, 'labs', id), RULES);

const listFolders = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));

async function collectTokens() {
  const all = listFolders(submissions).flatMap((id) =>
    listFolders(path.join(submissions, id)).map((name) => ({ id, name })),
  );
  const failing = all.filter(({ id, name }) => name.startsWith('fail-') && `${id}/${name}`.includes(values.only));
  const graded = await mapAtOnce(failing, 1, async ({ id, name }) => {
    const result = await startGrading({ submission: path.join(submissions, id, name), lab: loadLabOf(id) }).result;
    const tokens = new Map();
    for (const { id: line, finding } of result.rules)
      if (finding) tokens.set(finding.token, { id, name, line, code: finding.code, token: finding.token });
    return [...tokens.values()];
  });
  return graded.flat();
}

/** How often each token failed again, in the same line and way. */
async function replayAll(tokens) {
  const bySubmission = Map.groupBy
    ? Map.groupBy(tokens, ({ id, name }) => `${id}/${name}`)
    : tokens.reduce((map, one) => {
        const key = `${one.id}/${one.name}`;
        return map.set(key, [...(map.get(key) ?? []), one]);
      }, new Map());
  const rows = await mapAtOnce([...bySubmission.values()], availableParallelism(), async (some) => {
    const [{ id, name }] = some;
    const lab = loadLabOf(id);
    const build = await buildSubmission(path.join(submissions, id, name), lab.roles);
    const engine = await createEngine(build);
    try {
      const found = [];
      for (const { token, line, code } of some) {
        const { scenario } = parseToken(token);
        const check = createCheck(lab, scenario);
        let failed = 0;
        for (let time = 0; time < times; time++) {
          const schedule = scheduleOfToken(parseToken(token));
          const trace = await runScenario(engine, build, scenario, lab.scenarios[scenario], schedule);
          if (check(trace).some((one) => one.line === line && one.finding.code === code)) failed++;
        }
        found.push([failed === times ? '✓' : '✗', `${id}/${name}`, token, code, `${failed}/${times}`]);
      }
      return found;
    } finally {
      await engine.close();
      removeBuild(build);
    }
  });
  return rows.flat();
}

function report(who, rows) {
  const good = rows.filter(([mark]) => mark === '✓').length;
  console.log(`${who}, in ${process.cwd()}:\n`);
  console.log(renderTable(['', 'submission', 'token', 'finding', 'fails again'], rows));
  console.log(`\n${good} of ${rows.length} tokens fail again ${times} times of ${times}\n`);
  if (good < rows.length || rows.length === 0) process.exitCode = 1;
}

if (values.file) {
  report(`User ${process.getuid()}`, await replayAll(JSON.parse(readFileSync(values.file, 'utf8'))));
} else {
  const tokens = await collectTokens();
  const scratch = mkdtempSync(path.join(tmpdir(), 'ipclab-tokens-'));
  try {
    process.chdir('/');
    report(`User ${process.getuid()}`, await replayAll(tokens));
    if (process.getuid() === 0) {
      chmodSync(scratch, 0o755);
      const file = path.join(scratch, 'tokens.json');
      writeFileSync(file, JSON.stringify(tokens));
      const user = ['--reuid', `${USER}`, '--regid', `${USER}`, '--clear-groups', '--'];
      const again = [process.execPath, fileURLToPath(import.meta.url), '--times', values.times, '--file', file];
      const { status } = spawnSync('setpriv', [...user, ...again], {
        stdio: 'inherit',
        env: {
          PATH: process.env.PATH,
          HOME: scratch,
          XDG_CACHE_HOME: path.join(tmpdir(), `ipclab-tokens-cache-${USER}`),
        },
      });
      if (status !== 0) process.exitCode = 1;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(path.join(tmpdir(), `ipclab-tokens-cache-${USER}`), { recursive: true, force: true });
  }
}
