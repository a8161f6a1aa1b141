import type { Lab } from './load-lab.js';
import { findRule } from './find-rule.js';

/** The hints of a rule, as many as the lab allows. */
export function getHints(lab: Pick<Lab, 'hints' | 'customRules'>, rule: string): string[] {
  return findRule(lab, rule)?.hints?.slice(0, lab.hints) ?? [];
}
