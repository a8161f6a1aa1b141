// Text tables for scripts.

/** Columns as wide as their widest cell; the last is cut at the terminal's width, if there is one. */
export function renderTable(head, rows, columns = process.stdout.columns ?? 400) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => String(row[column]).length)));
  const line = (row) =>
    row
      .map((cell, column) => String(cell).padEnd(widths[column]))
      .join('  ')
      .trimEnd();
  const cut = (text) => (text.length > columns ? `${text.slice(0, columns - 1)}…` : text);
  return [line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].map(cut).join('\n');
}

/** Does the work for each item, a few at a time; the results are in the order of the items. */
export async function mapAtOnce(items, size, work) {
  const results = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: size }, worker));
  return results;
}
