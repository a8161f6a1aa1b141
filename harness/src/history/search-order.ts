import type { Model, Operation } from './operation.js';

export type SearchResult = { order: Operation[] } | 'none' | 'too-long';

export interface SearchOptions {
  /** States to look at, at most. */
  maxStates: number;
  /** Must the last state be a possible end? Not in a part of a history. */
  isWhole: boolean;
  /** Among those that may come next, the one with the least is tried first. */
  getRank: (operation: Operation) => number;
}

interface Step<State> {
  state: State;
  /** How many operations of each lane are done. */
  done: number[];
  /** The latest entry among them. */
  latest: number;
  /** Not yet tried here, the next one last; made when first needed. */
  choices?: { lane: number; operation: Operation }[];
  operation?: Operation;
}

/**
 * An order of the operations that respects time (what returned before another was entered comes first) and in which the model gives
 * every answer that was seen. Depth first; a state that was reached once with the same operations done is not looked at again
 * (Wing & Gong 1993, Lowe 2017).
 */
export function searchOrder<State>(
  operations: readonly Operation[],
  model: Model<State>,
  { maxStates, isWhole, getRank }: SearchOptions,
): SearchResult {
  const lanes = createLanes(operations);
  const seen = new Set<string>();
  const steps: Step<State>[] = [{ state: model.initial, done: lanes.map(() => 0), latest: -Infinity }];

  const isFinished = ({ state, done }: Step<State>): boolean =>
    lanes.every((lane, index) => lane[done[index]!]?.isOptional ?? true) && (!isWhole || model.isEnd(state));
  const listChoices = ({ done, latest }: Step<State>): NonNullable<Step<State>['choices']> => {
    const fronts = lanes.flatMap((lane, index) => {
      const operation = lane[done[index]!];
      return operation ? [{ lane: index, operation }] : [];
    });
    // Whoever is entered after another has returned, or has died, comes after it.
    const first = Math.min(...fronts.map(({ operation }) => (operation.isOptional ? Infinity : operation.returned)));
    return fronts
      .filter(({ operation: { entered, returned } }) => entered < first && returned > latest)
      .toSorted((a, b) => compareChoices(b.operation, a.operation, getRank));
  };

  while (steps.length > 0) {
    const step = steps.at(-1)!;
    if (!step.choices) {
      if (isFinished(step)) return { order: steps.flatMap(({ operation }) => operation ?? []) };
      step.choices = listChoices(step);
    }
    const choice = step.choices.pop();
    if (!choice) {
      steps.pop();
      continue;
    }
    const state = model.apply(step.state, choice.operation);
    if (state === undefined) continue;
    const done = step.done.with(choice.lane, step.done[choice.lane]! + 1);
    const key = `${done.join()} ${model.getKey(state)}`;
    if (seen.has(key)) continue;
    if (seen.size >= maxStates) return 'too-long';
    seen.add(key);
    steps.push({ state, done, latest: Math.max(step.latest, choice.operation.entered), operation: choice.operation });
  }
  return 'none';
}

/** Those that need not have happened last: they are taken to have done nothing, as long as that explains everything. */
function compareChoices(a: Operation, b: Operation, getRank: SearchOptions['getRank']): number {
  if (a.isOptional !== b.isOptional) return a.isOptional ? 1 : -1;
  return getRank(a) - getRank(b) || a.entered - b.entered;
}

/** Operations in as few rows as possible, within each of which none overlaps another: so how far each row is done says what is done. */
function createLanes(operations: readonly Operation[]): Operation[][] {
  const lanes: Operation[][] = [];
  for (const operation of operations.toSorted((a, b) => a.entered - b.entered)) {
    const free = lanes.find((lane) => !lane.at(-1)!.isOptional && lane.at(-1)!.returned < operation.entered);
    if (free) free.push(operation);
    else lanes.push([operation]);
  }
  return lanes;
}
