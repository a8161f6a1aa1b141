import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type Pair } from 'yaml';

/** Steps from the root of a document: keys of maps and places in lists. */
export type Path = readonly PropertyKey[];

/** Offsets of the text that stands at a path, `[start, end]`, or of the nearest thing around it that is there. */
export function locate(document: Document, path: Path, what: 'key' | 'value' = 'value'): [number, number] {
  let node: unknown = document.contents;
  let range = rangeOf(node) ?? [0, 0];
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step));
      // A missing key is shown at the key of the map that lacks it.
      if (!pair) return range;
      node = pair.value;
      range = rangeOf(last && what === 'value' && hasText(pair) ? pair.value : pair.key) ?? range;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      range = rangeOf(node) ?? range;
    } else return range;
  }
  return range;
}

const hasText = ({ value }: Pair): boolean => isScalar(value) || isAlias(value) || (isNode(value) && isFlow(value));
const isFlow = (node: Node): boolean => (isMap(node) || isSeq(node)) && node.flow === true;

function rangeOf(node: unknown): [number, number] | undefined {
  return isNode(node) && node.range ? [node.range[0], node.range[1]] : undefined;
}
