import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startGrading } from '../../src/explore/start-grading.js';
import { type Lab, loadLab } from '../../src/lab/load-lab.js';
import { RULES } from '../../src/rules/index.js';

const submission = mkdtempSync(path.join(tmpdir(), 'nothing-'));
afterAll(() => rmSync(submission, { recursive: true }));

/** A few runs of each scenario are enough: nothing happens in any of them. */
const shorten = (lab: Lab): Lab => ({
  ...lab,
  scenarios: Object.fromEntries(
    Object.entries(lab.scenarios).map(([name, scenario]) => [name, { ...scenario, schedules: 2 }]),
  ),
});

test.each(readdirSync('labs').filter((name) => /^\d/.test(name)))('%s: empty programs earn nothing', async (id) => {
  const lab = shorten(loadLab(path.resolve('labs', id), RULES));
  for (const role of Object.values(lab.roles)) {
    if (!('entry' in role)) throw new Error(`Expected a program in TypeScript, got ${JSON.stringify(role)}`);
    mkdirSync(path.join(submission, path.dirname(role.entry)), { recursive: true });
    writeFileSync(path.join(submission, role.entry), 'export {};\n');
  }
  const { points, verdict, faults, rules } = await startGrading({ submission, lab }).result;
  expect([points, verdict, faults]).toEqual([0, 'fail', []]);
  expect(new Set(rules.map((rule) => rule.verdict))).toEqual(new Set(['fail', 'untested']));
});
