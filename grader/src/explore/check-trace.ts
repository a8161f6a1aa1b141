import type { Trace } from '@ipclab/native/supervisor';
import type { Lab } from '../lab/load-lab.js';
import { createRun } from '../model/run.js';
import { RULES } from '../rules/index.js';
import type { Finding } from '../rules/rule.js';
import type { Observed } from './exploration.js';

/** Checks traces of one scenario by the lab's rules for it. */
export function createCheck(lab: Lab, scenario: string): (trace: Trace) => Observed<Finding>[] {
  const lines = lab.rules
    .filter(({ scenarios }) => scenarios.includes(scenario))
    .map(({ id, rule, parameters }) => ({ id, rule: RULES.find(({ name }) => name === rule)!, parameters }));
  return (trace) => {
    const run = createRun(trace, lab.formats);
    return lines.flatMap(({ id, rule, parameters }) =>
      rule.check(run, parameters).map((finding) => ({ line: id, finding })),
    );
  };
}
