import { measureText } from './text.js';

/** Columns as wide as their widest cell; a row is cut at `width`. */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  width = Infinity,
): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => measureText(String(row[column])))));
  const line = (row: readonly (string | number)[]): string =>
    row
      .map((cell, column) => `${cell}${' '.repeat(widths[column]! - measureText(String(cell)))}`)
      .join('  ')
      .trimEnd();
  const cut = (text: string): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);
  return [line(head), widths.map((columns) => '-'.repeat(columns)).join('  '), ...rows.map(line)].map(cut).join('\n');
}
