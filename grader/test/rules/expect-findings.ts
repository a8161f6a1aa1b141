import type { Run } from '../../src/model/run.js';
import type { Finding, Rule } from '../../src/rules/rule.js';

/** The whole list of what a rule finds, each without what is the rule's own (name, why, source). */
export function check(
  rule: Rule<never> | Rule,
  run: Run,
  parameters: object = {},
): Omit<Finding, 'rule' | 'why' | 'source'>[] {
  const checked = (rule as Rule).parameters.parse(parameters);
  return (rule as Rule).check(run, checked).map(({ rule: name, why, source, ...rest }) => {
    expect([name, why, source].every(Boolean)).toBe(true);
    expect(Object.keys((rule as Rule).codes)).toContain(rest.code);
    return rest;
  });
}
