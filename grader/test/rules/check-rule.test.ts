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

describe('a planned signal before what a finding shows', () => {
  const trace = new TraceBuilder();
  const client = trace.start('client#1');
  const killed = trace.signal(client, 'killed', 'scenario', 'after', 'SIGKILL');
  const ended = trace.die(client, 'SIGKILL');
  const signalled = trace.run();
  const find = (change: Partial<Finding>): Pick<Finding, 'message' | 'events'> => {
    const [found] = checkRule(
      create(() => [{ ...whole, ...change }]),
      signalled,
      {},
    );
    return { message: found!.message, events: [...found!.events] };
  };
  const told = 'SIGKILL reached client#1 (just after its call 1). It is.';

  test('is told, and shown, where the rule has not done so', () => {
    expect(find({ events: [ended] })).toEqual({ message: told, events: [killed, ended] });
    expect(find({ events: [] })).toEqual({ message: told, events: [killed] });
  });

  test('is not told twice', () => {
    expect(find({ message: told, events: [killed, ended] })).toEqual({ message: told, events: [killed, ended] });
  });

  test('is told, and not shown, where three events are shown already', () => {
    expect(find({ events: [0, 1, ended] })).toEqual({ message: told, events: [0, 1, ended] });
  });

  test('is no part of it if it came later', () => {
    expect(find({ events: [0] })).toEqual({ message: 'It is.', events: [0] });
  });
});
