import { z } from 'zod';
import type { Run } from '../model/run.js';
import type { Finding, Rule } from './rule.js';
import { nameSignal, takeEvents } from './words.js';

const MAX_EVENTS = 3;

const findingSchema = z.object({
  code: z.string(),
  message: z.string().min(1),
  events: z.array(z.int().min(0)).max(MAX_EVENTS),
  expected: z.string(),
  actual: z.string(),
  why: z.string(),
  source: z.string(),
  processes: z.array(z.int().min(0)),
});

/** A rule that could not say whether it holds: a fault of who wrote it, never a finding about a submission. */
export class RuleFault extends Error {
  override readonly name = 'RuleFault';
  readonly code = 'rule';
  constructor(
    readonly rule: string,
    what: string,
    /** `rules/my-rule.ts:12:5`, where it is known. */
    place: string | undefined,
    options?: ErrorOptions,
  ) {
    super(`Rule ${rule} ${what}${place === undefined ? '' : ` (${place})`}.`, options);
  }
}

/** What a rule finds in a run. Throws a RuleFault where it throws, or answers what is no list of findings. */
export function checkRule(rule: Rule, run: Run, parameters: unknown): Finding[] {
  let findings: Finding[];
  try {
    findings = rule.check(run, parameters);
  } catch (error) {
    throw new RuleFault(rule.name, `threw ${describe(error)}`, rule.locate?.(error), { cause: error });
  }
  // Those that come with us are compiled against the type.
  if (rule.locate === undefined) return findings.map((finding) => tellSignals(run, finding));
  const { error } = z.array(findingSchema).safeParse(findings);
  const [issue] = error?.issues ?? [];
  if (issue)
    throw new RuleFault(rule.name, `answered what is no finding: ${issue.path.join('.')}: ${issue.message}`, rule.file);
  const unknown = findings.find(({ code }) => !Object.hasOwn(rule.codes, code));
  if (unknown) throw new RuleFault(rule.name, `found ${unknown.code}, which is not among its codes`, rule.file);
  return findings.map((finding) => tellSignals(run, finding));
}

/** A planned signal that came before what a finding shows is a part of it: to whom it came and where, if the rule has not said so. */
function tellSignals(run: Run, finding: Finding): Finding {
  const last = finding.events.length === 0 ? Infinity : Math.max(...finding.events);
  const untold = run.signals.filter(
    (signal) => signal.seq < last && !finding.message.includes(nameSignal(run, signal)),
  );
  if (untold.length === 0) return finding;
  const message = [...untold.map((signal) => nameSignal(run, signal)), finding.message].join('. ');
  const shown = untold.map(({ seq }) => seq).slice(0, Math.max(0, MAX_EVENTS - finding.events.length));
  return { ...finding, message, events: takeEvents(...finding.events, ...shown) };
}

// Errors of a lab's own rule may come from another realm, so they are told by their shape.
const describe = (error: unknown): string => {
  const { name, message } = (error ?? {}) as Partial<Error>;
  return message === undefined ? String(error) : `${name ?? 'Error'}: ${message}`;
};
