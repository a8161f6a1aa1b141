/**
 * Leaves out what is not needed, until nothing single can be (ddmin: Zeller, Hildebrandt, "Simplifying and Isolating
 * Failure-Inducing Input", 2002). The items keep their order. `attempt` answers the items with which it failed, which may be
 * fewer than it was given; undefined if it did not fail.
 */
export async function minimize<T>(
  items: readonly T[],
  attempt: (items: T[]) => Promise<readonly T[] | undefined>,
): Promise<readonly T[]> {
  let current = items;
  let parts = 2;
  while (current.length > 0) {
    parts = Math.min(parts, current.length);
    const chunks = splitEvenly(current, parts);
    // Of one there is only what is left without it; of two, each is what is left without the other.
    const alone = parts === 1 ? undefined : await findFirst(chunks, attempt);
    if (alone) {
      current = alone;
      parts = 2;
      continue;
    }
    const rests = chunks.map((_, left) => chunks.filter((_chunk, place) => place !== left).flat());
    const without = parts === 2 ? undefined : await findFirst(rests, attempt);
    if (without) {
      current = without;
      parts = Math.max(parts - 1, 2);
    } else if (parts < current.length) parts *= 2;
    else break;
  }
  return current;
}

async function findFirst<T, R>(
  candidates: readonly T[],
  attempt: (candidate: T) => Promise<R | undefined>,
): Promise<R | undefined> {
  for (const candidate of candidates) {
    const found = await attempt(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** In so many parts, whose lengths differ by one at most. */
function splitEvenly<T>(items: readonly T[], parts: number): T[][] {
  const at = (part: number): number => Math.floor((part * items.length) / parts);
  return Array.from({ length: parts }, (_, part) => items.slice(at(part), at(part + 1)));
}
