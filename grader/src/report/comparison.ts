import type { Comparison, Difference } from '../score/compare-results.js';
import { createPaint, type RenderOptions } from './palette.js';

/** What `ipclab compare` prints. */
export function renderComparison({ fingerprint, verdicts }: Comparison, options: RenderOptions): string {
  const paint = createPaint(options);
  const said =
    verdicts.length === 0
      ? paint('green', 'Both say the same.')
      : `${paint('red', 'They differ:')}\n\n${renderTable(verdicts)}\n`;
  return `${said}\n${explain(fingerprint, verdicts.length > 0)}\n`;
}

function explain(fingerprint: readonly Difference[], areDifferent: boolean): string {
  if (fingerprint.length > 0) return `The fingerprints differ:\n\n${renderTable(fingerprint)}`;
  return areDifferent
    ? 'The fingerprints are equal: if the submission is the same, this is a mistake of ipclab. Please report it with both results.'
    : 'So do the fingerprints.';
}

function renderTable(rows: readonly Difference[]): string {
  const width = Math.max(...rows.map(({ what }) => what.length));
  return rows.map(({ what, one, other }) => `  ${what.padEnd(width)}  ${one} | ${other}`).join('\n');
}
