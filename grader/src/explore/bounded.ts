import type { Deviation, Trace } from '@ipclab/native/supervisor';

/**
 * Goes through the schedules of a program systematically: the default order, then every order that differs from it in choices
 * that were free (the one that moved last could not go on), then those with one preemption (it could have), with two …, up to a
 * bound (iterative context bounding: Musuvathi, Qadeer 2007). Each schedule comes once.
 */
export interface BoundedSearch {
  /** The deviations of the next schedule; undefined while none is known, or when all have been given. */
  next(): Deviation[] | undefined;
  /** What a run that had exactly these deviations planned has shown; it must tell its points. */
  learn(deviations: readonly Deviation[], trace: Trace): void;
  /** Have all schedules with at most that many preemptions been given and learnt? Infinity: all that there are. */
  isComplete(preemptions: number): boolean;
}

interface Open {
  deviations: Deviation[];
  preemptions: number;
}

// Schedules that wait to be given. A program with more is too large for this search.
const MAX_OPEN = 20_000;

/** @param bound Preemptions in a schedule, at most. */
export function createBoundedSearch(bound: number): BoundedSearch {
  /** By number of preemptions. */
  const open: Deviation[][][] = Array.from({ length: bound + 1 }, () => []);
  const given = new Map<string, Open>();
  open[0]!.push([]);
  let waiting = 1;
  // With at least that many preemptions, some schedules will not be given.
  let incompleteFrom = Infinity;

  return {
    next() {
      for (const [preemptions, list] of open.entries()) {
        const deviations = list.shift();
        if (!deviations) continue;
        waiting--;
        given.set(JSON.stringify(deviations), { deviations, preemptions });
        return deviations;
      }
      return undefined;
    },
    learn(deviations, trace) {
      const key = JSON.stringify(deviations);
      const run = given.get(key);
      if (!run || !trace.points) return;
      given.delete(key);
      // What lies before the last planned deviation belongs to the schedules that this one came from.
      let first = 0;
      for (const [index, point] of trace.points.entries())
        if (deviations.some((one) => one.at === point.at && one.call === point.call && one.to === point.to))
          first = index + 1;
      for (const { at, call, able, to: taken, preempts } of trace.points.slice(first)) {
        const preemptions = run.preemptions + (preempts ? 1 : 0);
        if (preemptions > bound || waiting >= MAX_OPEN) {
          incompleteFrom = Math.min(incompleteFrom, preemptions);
          continue;
        }
        for (const to of able) {
          if (to === taken) continue;
          waiting++;
          open[preemptions]!.push([...deviations, { at, call, to }]);
        }
      }
    },
    isComplete: (preemptions) =>
      (incompleteFrom === Infinity || preemptions < incompleteFrom) &&
      open.slice(0, preemptions + 1).every((list) => list.length === 0) &&
      [...given.values()].every((run) => run.preemptions > preemptions),
  };
}
