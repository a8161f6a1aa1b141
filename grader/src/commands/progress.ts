import type { WriteStream } from 'node:tty';

/** A line that says how many runs were made, where a person looks on; elsewhere nothing. */
export function createProgress(
  stream: Pick<WriteStream, 'isTTY' | 'write'>,
  scenarios: Readonly<Record<string, { schedules: number }>>,
): { step: (scenario: string) => void; clear: () => void } {
  const total = Object.values(scenarios).reduce((sum, { schedules }) => sum + schedules, 0);
  let runs = 0;
  let shownAt = 0;
  if (!stream.isTTY) return { step: () => {}, clear: () => {} };
  stream.write('building …');
  return {
    step: (scenario) => {
      runs++;
      // Often enough to be seen to move.
      if (performance.now() - shownAt < 50) return;
      shownAt = performance.now();
      stream.write(`\r\u001b[K${runs} of up to ${total} runs (${scenario})`);
    },
    clear: () => void stream.write('\r\u001b[K'),
  };
}
