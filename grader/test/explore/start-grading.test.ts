import path from 'node:path';
import { startGrading } from '../../src/explore/start-grading.js';
import { loadLab } from '../../src/lab/load-lab.js';
import { RULES } from '../../src/rules/index.js';

const lab = loadLab(path.resolve('labs/06-full-queue'), RULES);
const submission = path.resolve('fixtures/submissions/06-full-queue/fail-spins');

test('what each scenario gives can be asked for when the whole is over, and explains the failures of that scenario', async () => {
  const scenarios = ['wait', 'overwrite-one'];
  const grading = startGrading({ submission, lab, scenarios, tellsEach: true });
  const whole = await grading.result;
  const each = await Promise.all(scenarios.map(async (name) => grading.resultOf(name)));
  for (const { rules, faults } of [whole, ...each]) {
    expect(faults).toEqual([]);
    expect(rules.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id)).toEqual(['no-spinning']);
  }
  const places = each.map(({ rules }) => rules.find(({ id }) => id === 'no-spinning')?.finding?.place);
  expect(places).toEqual([
    expect.stringMatching(/^src\/consumer\.ts:8/),
    expect.stringMatching(/^src\/consumer\.ts:8/),
  ]);
});
