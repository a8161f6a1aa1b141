import { getHints } from '../../src/lab/get-hints.js';
import { terminates } from '../../src/rules/terminates.js';

test('a lab tells as many hints of a rule as it says, from the first', () => {
  const all = terminates.hints!;
  const told = [0, 1, 2, 3].map((hints) => getHints({ hints, customRules: [] }, 'terminates'));
  expect(told).toEqual([[], [all[0]], [all[0], all[1]], [all[0], all[1], all[2]]]);
});

test('of a rule that there is not there is nothing to tell', () => {
  expect(getHints({ hints: 3, customRules: [] }, 'unknown')).toEqual([]);
});
