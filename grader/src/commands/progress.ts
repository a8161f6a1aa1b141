import type { WriteStream } from 'node:tty';

interface Run {
  observed: readonly { finding: { code: string } }[];
}

/** A line that says how many runs were made, how fast, how they ended and how long it will take, where a person looks on; elsewhere nothing. */
export function createProgress(
  stream: Pick<WriteStream, 'isTTY' | 'write' | 'columns'>,
  scenarios: Readonly<Record<string, { schedules: number }>>,
  now: () => number = () => performance.now(),
): { step: (scenario: string, run: Run) => void; clear: () => void } {
  const total = Object.values(scenarios).reduce((sum, { schedules }) => sum + schedules, 0);
  const outcomes = new Map<string, number>();
  let runs = 0;
  let began = 0;
  let shownAt = -Infinity;
  if (!stream.isTTY) return { step: () => {}, clear: () => {} };
  stream.write('building …');
  return {
    step: (scenario, { observed }) => {
      const at = now();
      if (runs++ === 0) began = at;
      const what = observed[0]?.finding.code.replaceAll('-', ' ') ?? 'pass';
      outcomes.set(what, (outcomes.get(what) ?? 0) + 1);
      // Often enough to be seen to move.
      if (at - shownAt < 50) return;
      shownAt = at;
      const told = [...outcomes].map(([name, count]) => `${count} ${name}`).join(' · ');
      const rate = runs > 1 && at > began ? (runs - 1) / ((at - began) / 1000) : undefined;
      const speed =
        rate === undefined ? '' : `, ${Math.round(rate)}/s, ${Math.ceil((total - runs) / rate)} s left at most`;
      const text = `${runs} of up to ${total} runs (${scenario})${speed}: ${told}`;
      stream.write(`\r\u001b[K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear: () => void stream.write('\r\u001b[K'),
  };
}
