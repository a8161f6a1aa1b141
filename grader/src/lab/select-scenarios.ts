import type { Lab } from './load-lab.js';
import { renderSuggestion } from './suggest.js';

/** A lab with only these scenarios, and only the rules that check one of them. Throws if there is no such scenario. */
export function selectScenarios(lab: Lab, names: readonly string[]): Lab {
  for (const name of names)
    if (!(name in lab.scenarios))
      throw new Error(
        `Expected a scenario of lab ${lab.id}, got ${name}${renderSuggestion(name, Object.keys(lab.scenarios))}`,
      );
  const rules = lab.rules.map((line) => ({
    ...line,
    scenarios: line.scenarios.filter((name) => names.includes(name)),
  }));
  return {
    ...lab,
    scenarios: Object.fromEntries(Object.entries(lab.scenarios).filter(([name]) => names.includes(name))),
    rules: rules.filter(({ scenarios }) => scenarios.length > 0),
  };
}
