import { startGrading } from '../explore/start-grading.js';
import type { Lab } from '../lab/load-lab.js';
import type { Program, Reason } from './load-parts.js';

export interface SkeletonOutcome {
  name: string;
  /** `removed: left`. */
  expected: string;
  hasFailed: boolean;
  /** What failed first, or what the build said. */
  what: string;
  points: number;
  faults: string[];
  interrupted: boolean;
}

/** Grades a skeleton: it must build, and fail for the reason that .staff/skeleton.yaml states. */
export async function gradeSkeleton(
  lab: Lab,
  { name, folder, reason }: Program & { reason: Reason },
  abort?: AbortSignal,
): Promise<SkeletonOutcome> {
  const { rule, code } = reason;
  const result = await startGrading({ submission: folder, lab, engines: 1, ...(abort ? { abort } : {}) }).result;
  const findings = result.rules.flatMap(({ id, rule: own, finding }) => (finding ? [{ id, own, ...finding }] : []));
  const hit = findings.find(
    (finding) =>
      [finding.id, finding.own, finding.rule].includes(rule) && (code === undefined || finding.code === code),
  );
  const [diagnostic] = result.diagnostics.filter(({ severity }) => severity === 'error');
  const shown = hit ?? findings[0];
  return {
    name,
    expected: code === undefined ? rule : `${rule}: ${code}`,
    hasFailed: hit !== undefined,
    what: diagnostic
      ? `it does not build: ${diagnostic.file}: ${diagnostic.message}`
      : shown
        ? `${shown.rule}: ${shown.code}`
        : result.verdict,
    points: result.points,
    faults: result.faults.map(({ message }) => message),
    interrupted: result.interrupted,
  };
}
