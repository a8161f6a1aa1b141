import { z } from 'zod';
import { createRun } from '../../src/model/run.js';
import { checkRule, RuleFault } from '../../src/rules/check-rule.js';
import { defineRule, type Finding, type Rule } from '../../src/rules/rule.js';
import { TraceBuilder } from './trace-builder.js';

const run = createRun(new TraceBuilder().trace, {});
const FOUND = { code: 'wrong' as const, message: 'It is.', events: [], expected: 'a', actual: 'b', processes: [] };
const create = (
  check: () => unknown,
  own: Partial<Rule> = { file: 'rules/mine.ts', locate: () => 'rules/mine.ts:3:5' },
): Rule => ({
  ...(defineRule({
    name: 'mine',
    summary: 'It holds',
    why: 'So it is.',
    source: 'msgrcv(2)',
    codes: { wrong: 'It does not' },
    parameters: z.strictObject({}),
    check: () => [FOUND],
  }) as Rule),
  check: check as () => Finding[],
  ...own,
});
const faultOf = (rule: Rule): string => {
  try {
    checkRule(rule, run, {});
  } catch (error) {
    if (error instanceof RuleFault) return error.message;
    throw error;
  }
  return 'no fault';
};
const whole = { ...FOUND, rule: 'mine', why: 'So it is.', source: 'msgrcv(2)' };

test('what a rule finds is handed on', () => {
  expect(
    checkRule(
      create(() => [whole]),
      run,
      {},
    ),
  ).toEqual([whole]);
  expect(
    checkRule(
      create(() => []),
      run,
      {},
    ),
  ).toEqual([]);
});

test('a rule that throws is a fault, with its name and the place', () => {
  const thrower = (): never => {
    throw new TypeError('no such thing');
  };
  expect(faultOf(create(thrower))).toBe('Rule mine threw TypeError: no such thing (rules/mine.ts:3:5).');
  expect(faultOf(create(thrower, {}))).toBe('Rule mine threw TypeError: no such thing.');
  expect(
    faultOf(
      create(() => {
        throw 'a text';
      }),
    ),
  ).toBe('Rule mine threw a text (rules/mine.ts:3:5).');
});

test('so is one that answers what is no list of findings, or a code that it has not named', () => {
  expect(faultOf(create(() => undefined))).toMatch(/^Rule mine answered what is no finding: .* \(rules\/mine\.ts\)\.$/);
  expect(faultOf(create(() => [{ ...whole, events: 'none' }]))).toMatch(
    /^Rule mine answered what is no finding: 0\.events: .* \(rules\/mine\.ts\)\.$/,
  );
  expect(faultOf(create(() => [{ ...whole, code: 'other' }]))).toBe(
    'Rule mine found other, which is not among its codes (rules/mine.ts).',
  );
});
