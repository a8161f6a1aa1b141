import type { Mover, Swap } from '../explore/find-swap.js';

/** `client#2 went on with msgrcv before client#1 did`, in a sentence that says what it decides. */
export function describeSwap({ first, second, isAdjacent }: Swap): string {
  if (first.process === second.process && first.signal !== second.signal) {
    const call = first.move ?? second.move;
    const [where, otherwise] = first.signal ? ['just before', 'into'] : ['into', 'just before'];
    return `It turns on one choice: the signal came to ${first.process} ${where} ${call ?? 'its call'}, not ${otherwise} it. The other way round, all is well.`;
  }
  if (!isAdjacent)
    return `It turns on one choice: ${first.process} ${describeMove(first)} where ${second.process} could have moved instead. With ${second.process} first, all is well.`;
  const then = second.move === first.move ? 'did' : describeMove(second);
  return `It turns on one choice: ${first.process} ${describeMove(first)} before ${second.process} ${then}. The other way round, all is well.`;
}

function describeMove({ move, signal }: Mover): string {
  if (signal) return `took a signal just before ${move ?? 'its call'}`;
  if (move === undefined) return 'moved';
  return move === 'start' ? 'started' : `went on with ${move}`;
}
