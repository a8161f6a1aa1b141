import { Fault, TokenError } from '@ipclab/harness';
import { LabError } from '../lab/lab-error.js';
import { RuleFault } from '../rules/check-rule.js';

/** An error that ends a command, as it is shown: our bugs with their stack, everything else in its own words. */
export function renderProblem(error: unknown): string {
  if (error instanceof LabError) return `${error.message}\n`;
  if (error instanceof Fault)
    return `ipclab: ${error.message}\nThis is not the submission's fault; ipclab doctor says what this machine can do.\n`;
  if (error instanceof RuleFault)
    return `ipclab: ${error.message}\nThis is a mistake of the lab, not of the submission.\n`;
  if (error instanceof TokenError || error instanceof UsageError) return `ipclab: ${error.message}\n`;
  return `ipclab: ${error instanceof Error ? error.stack : String(error)}\n`;
}

/** Called wrongly: says what was expected and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
