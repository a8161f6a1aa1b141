import type { Fingerprint, Result } from './result.js';

/** A thing that two results say differently, as each says it. */
export interface Difference {
  what: string;
  one: string;
  other: string;
}

export interface Comparison {
  /** Parts of the fingerprint. */
  fingerprint: Difference[];
  /** Lines of the score, and the verdict as a whole. */
  verdicts: Difference[];
}

/** How two gradings differ in what they say, and in what that depends on. */
export function compareResults(one: Result, other: Result): Comparison {
  const parts = Object.keys(PARTS) as (keyof typeof PARTS)[];
  const lines = [...new Set([...one.rules, ...other.rules].map(({ id }) => id))];
  return {
    fingerprint: keepDifferent(
      parts.map((part) => ({
        what: PARTS[part],
        one: String(one.fingerprint[part]),
        other: String(other.fingerprint[part]),
      })),
    ),
    verdicts: keepDifferent([
      { what: 'as a whole', one: describeWhole(one), other: describeWhole(other) },
      ...lines.map((id) => ({ what: id, one: describeLine(one, id), other: describeLine(other, id) })),
    ]),
  };
}

const PARTS = {
  lab: 'lab.yaml',
  seed: 'seed',
  tool: 'ipclab',
  node: 'node',
  kernel: 'kernel',
} as const satisfies Partial<Record<keyof Fingerprint, string>>;

function keepDifferent(pairs: readonly Difference[]): Difference[] {
  return pairs.filter(({ one, other }) => one !== other);
}

function describeWhole({ verdict, points, maxPoints, interrupted }: Result): string {
  return `${verdict}, ${points} of ${maxPoints}${interrupted ? ', interrupted' : ''}`;
}

function describeLine({ rules }: Result, id: string): string {
  const line = rules.find((rule) => rule.id === id);
  if (!line) return 'no such line';
  return line.finding ? `${line.verdict} (${line.finding.code})` : line.verdict;
}
