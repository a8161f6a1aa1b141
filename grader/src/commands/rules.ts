import { renderSuggestion } from '../lab/suggest.js';
import { renderRule, renderRules } from '../report/index.js';
import { getRules } from '../lab/find-rule.js';
import { RULES } from '../rules/index.js';
import { openLab } from './open-lab.js';
import { UsageError } from './render-problem.js';
import { hasColor } from './style.js';

/** Lists the rules, or explains one; answers the exit code. */
export function rules(name: string | undefined, { lab }: { lab?: string } = {}): number {
  const all = lab === undefined ? RULES : getRules(openLab('.', lab));
  const options = { color: hasColor(process.stdout) };
  const rule = all.find((each) => each.name === name);
  if (name !== undefined && !rule) {
    const names = all.map((each) => each.name);
    throw new UsageError(
      `Expected a rule, got ${name}${renderSuggestion(name, names)}. ipclab rules lists all of them.`,
    );
  }
  process.stdout.write(rule ? renderRule(rule, options) : renderRules(all, options));
  return 0;
}
