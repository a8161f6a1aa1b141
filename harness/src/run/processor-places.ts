import { availableParallelism } from 'node:os';

/** Engines at work in this process, by processor. */
const atWork = Array.from({ length: availableParallelism() }, () => 0);

/** For an engine, which keeps to one processor: one with the fewest of them, so that none has two while another has none. */
export function takePlace(): number {
  const place = atWork.indexOf(Math.min(...atWork));
  atWork[place]!++;
  return place;
}

export function leavePlace(place: number): void {
  atWork[place]!--;
}
