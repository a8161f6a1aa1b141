import { RULES } from '../rules/index.js';
import type { Lab } from './load-lab.js';

/** The hints of a rule, as many as the lab allows. */
export function getHints({ hints }: Pick<Lab, 'hints'>, rule: string): string[] {
  return RULES.find(({ name }) => name === rule)?.hints?.slice(0, hints) ?? [];
}
