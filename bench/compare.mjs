// What the bench scripts share: alternating rounds, so that a busy machine hits both sides alike, and one way to print them.

/** Runs each side once a round, after one round for warming up; answers the figures of each. */
export async function measure(sides, rounds) {
  const figures = new Map(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(sides)) {
      const figure = await run();
      if (round > 0) figures.get(name).push(figure);
    }
  }
  return figures;
}

export const getMin = (values) => Math.min(...values);
export const getMedian = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** A line a side, and its ratio to the last one. */
export function print(figures, unit, digits = 1) {
  const base = [...figures.values()].at(-1);
  console.log(`${''.padEnd(44)} ${`min ${unit}`.padStart(10)} ${`median ${unit}`.padStart(10)}   ratio (min, median)`);
  for (const [name, values] of figures) {
    const [min, median] = [getMin(values), getMedian(values)];
    const ratio = `${(min / getMin(base)).toFixed(2)}, ${(median / getMedian(base)).toFixed(2)}`;
    console.log(
      `${name.padEnd(44)} ${min.toFixed(digits).padStart(10)} ${median.toFixed(digits).padStart(10)}   ${ratio}`,
    );
  }
}

/** Says whether a ratio keeps to its target, and has the script end with 1 if not. */
export function judge(what, ratio, target) {
  report(ratio <= target, `${what}: ${ratio.toFixed(3)}, target ${target} or less`);
}

/** The same where more is better. */
export function judgeAtLeast(what, figure, target) {
  report(figure >= target, `${what}: ${figure.toFixed(2)}, target ${target} or more`);
}

function report(fine, text) {
  console.log(`${fine ? 'ok' : 'NOT OK'}: ${text}`);
  if (!fine) process.exitCode = 1;
}
