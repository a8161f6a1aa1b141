// Text tables for scripts.

import { renderTable as render } from 'ipclab';

/** Columns as wide as their widest cell; a row is cut at the terminal's width, if there is one. */
export const renderTable = (head, rows, columns = process.stdout.columns) => render(head, rows, columns);

/** Does the work for each item, a few at a time; the results are in the order of the items. */
export async function mapAtOnce(items, size, work) {
  const results = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: size }, worker));
  return results;
}
