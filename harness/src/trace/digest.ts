import { createHash } from 'node:crypto';
import type { Trace } from '@ipclab/native/supervisor';

/** The first place in which two traces differ. */
export interface TraceDifference {
  /** Such as `events[12]` or `end`. */
  where: string;
  /** JSON of what is there; undefined if one of them has nothing there. */
  a: string | undefined;
  b: string | undefined;
}

/** Two runs did the same if and only if their digests are equal. See `normalize` for what is not compared. */
export function traceDigest(trace: Trace): string {
  return createHash('sha256')
    .update(stringify(normalize(trace)) ?? '')
    .digest('hex');
}

/** Undefined if the two have the same digest. */
export function compareTraces(a: Trace, b: Trace): TraceDifference | undefined {
  const [first, second] = [normalize(a), normalize(b)];
  // Events first: the earliest is the cause, the rest follows from it.
  for (const part of ['events', ...Object.keys(first)] as (keyof Trace)[]) {
    const [left, right] = [first[part], second[part]];
    if (!Array.isArray(left) || !Array.isArray(right)) {
      if (stringify(left) !== stringify(right)) return { where: part, a: stringify(left), b: stringify(right) };
      continue;
    }
    for (let index = 0; index < Math.max(left.length, right.length); index++) {
      const [one, other] = [stringify(left[index]), stringify(right[index])];
      if (one !== other) return { where: `${part}[${index}]`, a: one, b: other };
    }
  }
  return undefined;
}

/**
 * Without what depends on the machine and not on the schedule: keys from ftok(3) come from inode numbers, so each key is
 * replaced by its rank of appearance; the sentence about the end, which may name amounts; and places in the source, which only some runs are asked for.
 */
function normalize(trace: Trace): Trace {
  const ranks = new Map<number, number>([[0, 0]]);
  const rank = (key: number): number => {
    // The same key is seen with a sign in one place and without in another.
    const unsigned = key >>> 0;
    if (!ranks.has(unsigned)) ranks.set(unsigned, ranks.size);
    return ranks.get(unsigned)!;
  };
  const withRank = <T extends { key?: number }>(value: T): T =>
    value.key === undefined ? value : { ...value, key: rank(value.key) };
  const { detail: _, ...end } = trace.end;
  return {
    ...trace,
    queues: trace.queues.map(withRank),
    segments: trace.segments.map(withRank),
    semaphores: trace.semaphores.map(withRank),
    events: trace.events.map((event) =>
      event.kind === 'call' ? withoutPlace({ ...event, args: withRank(event.args) }) : event,
    ),
    end: { ...end, waits: end.waits.map((wait) => withoutPlace({ ...wait, args: withRank(wait.args) })) },
  };
}

function withoutPlace<T extends { place?: string }>({ place: _place, ...rest }: T): Omit<T, 'place'> {
  return rest;
}

/** JSON with the names in order, so that it does not matter who made the object. */
function stringify(value: unknown): string | undefined {
  return JSON.stringify(value, (_name, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
