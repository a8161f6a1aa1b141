/**
 * The rate that `failures` of `trials` leave possible: the exact upper bound of one-sided confidence (Clopper and Pearson 1934). It is the rate at which so few
 * failures, or fewer, would be seen with probability 1 − confidence.
 */
export function getUpperBound(failures: number, trials: number, confidence = 0.95): number {
  if (failures >= trials) return 1;
  if (failures === 0) return 1 - (1 - confidence) ** (1 / trials);
  let [low, high] = [failures / trials, 1];
  // Sixty halvings are as many as a double can tell apart.
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (getProbabilityOfAtMost(failures, trials, middle) > 1 - confidence) low = middle;
    else high = middle;
  }
  return high;
}

/** Of the binomial distribution, summed in logarithms: powers of small rates are below the smallest double. */
function getProbabilityOfAtMost(failures: number, trials: number, rate: number): number {
  let logTerm = trials * Math.log1p(-rate);
  let sum = Math.exp(logTerm);
  for (let count = 1; count <= failures; count++) {
    logTerm += Math.log((trials - count + 1) / count) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logTerm);
  }
  return sum;
}

/** The middle one; of two, the lower. Undefined of none. */
export const getMedian = (numbers: readonly number[]): number | undefined =>
  numbers.toSorted((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];
