import { RULES } from '../rules/index.js';
import type { Rule } from '../rules/rule.js';
import type { Lab } from './load-lab.js';

/** Those that come with us, and the lab's own. */
export const getRules = ({ customRules }: Pick<Lab, 'customRules'>): readonly Rule[] => [...RULES, ...customRules];

export const findRule = (lab: Pick<Lab, 'customRules'>, name: string): Rule | undefined =>
  getRules(lab).find((rule) => rule.name === name);
