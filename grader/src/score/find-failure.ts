import { type ConfirmedFailure, countChoices, type Exploration } from '../explore/exploration.js';
import type { Finding } from '../rules/rule.js';

/** The failure by which a line of the score is lost: of those in its scenarios the simplest, of these the first. */
export function findFailure(
  line: { id: string; scenarios: readonly string[] },
  explorations: readonly Exploration<Finding>[],
): (ConfirmedFailure<Finding> & { scenario: string }) | undefined {
  return explorations
    .filter(({ scenario }) => line.scenarios.includes(scenario))
    .flatMap(({ scenario, failures }) =>
      failures.filter((one) => one.line === line.id).map((one) => ({ ...one, scenario })),
    )
    .toSorted((a, b) => countChoices(a.run) - countChoices(b.run))[0];
}
