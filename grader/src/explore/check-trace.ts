import type { Trace } from '@ipclab/native/supervisor';
import type { Lab } from '../lab/load-lab.js';
import { createRun } from '../model/run.js';
import { findRule } from '../lab/find-rule.js';
import { checkRule, RuleFault } from '../rules/check-rule.js';
import type { Finding, Rule } from '../rules/rule.js';
import { terminates } from '../rules/terminates.js';
import { ANY_CALL } from '../rules/tested.js';
import type { Observed } from './exploration.js';

/** Of the score, those that check a scenario. */
const listLines = (lab: Lab, scenario: string): { id: string; rule: Rule; parameters: unknown }[] =>
  lab.rules
    .filter(({ scenarios }) => scenarios.includes(scenario))
    .map(({ id, rule, parameters }) => ({ id, rule: findRule(lab, rule)!, parameters }));

/** Answers the lines of a scenario that a trace puts to the test, each the first time only: later traces tell nothing new. */
export function createTestedCheck(lab: Lab, scenario: string): (trace: Trace) => string[] {
  let left = listLines(lab, scenario);
  return (trace) => {
    if (left.length === 0) return [];
    const run = createRun(trace, lab.formats);
    const met = left.filter(({ rule: { tested = ANY_CALL }, parameters }) => tested.isIn(run, parameters));
    left = left.filter((line) => !met.includes(line));
    return met.map(({ id }) => id);
  };
}

/**
 * Checks traces of one scenario by the lab's rules for it. A rule that cannot tell, because it throws, throws a RuleFault; with `onFault` its line is told
 * there, and the others go on.
 */
export function createCheck(
  lab: Lab,
  scenario: string,
  onFault?: (line: string, fault: RuleFault, trace: Trace) => void,
): (trace: Trace) => Observed<Finding>[] {
  const lines = listLines(lab, scenario);
  const ending = terminates.parameters.parse(lines.find(({ rule }) => rule === (terminates as Rule))?.parameters ?? {});
  return (trace) => {
    const run = createRun(trace, lab.formats);
    // A program that does not even end in the default order earns nothing there: why it did not is found for every line.
    const isDefaultOrder = trace.deviations.length === 0 && trace.injections.length === 0;
    const unended = isDefaultOrder ? terminates.check(run, ending) : [];
    return lines.flatMap(({ id, rule, parameters }) => {
      let found: Finding[];
      try {
        found = rule.aboutFiles && !trace.files ? [] : checkRule(rule, run, parameters);
      } catch (error) {
        if (!onFault || !(error instanceof RuleFault)) throw error;
        onFault(id, error, trace);
        return [];
      }
      return (found.length > 0 ? found : unended).map((finding) => ({ line: id, finding }));
    });
  };
}
