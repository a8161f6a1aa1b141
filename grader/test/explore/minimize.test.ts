import * as fc from 'fast-check';
import { minimize } from '../../src/explore/minimize.js';

/** Minimizes by a predicate, and says which lists were asked for. */
async function minimizeBy(items: readonly number[], fails: (items: readonly number[]) => boolean) {
  const asked: number[][] = [];
  const left = await minimize(items, (some) => {
    asked.push(some);
    return Promise.resolve(fails(some) ? some : undefined);
  });
  return { left, asked };
}
const has = (some: readonly number[], ...wanted: number[]): boolean => wanted.every((item) => some.includes(item));

describe('minimizing a list', () => {
  test('tries parts alone, then the rest without each, then smaller parts', async () => {
    expect(await minimizeBy([1, 2, 3, 4], (some) => has(some, 2, 3))).toEqual({
      left: [2, 3],
      asked: [[1, 2], [3, 4], [1], [2], [3], [4], [2, 3, 4], [2], [3], [4], [3, 4], [2, 4], [2, 3], [2], [3]],
    });
  });

  test('can leave nothing, and asks nothing of an empty list', async () => {
    expect(await minimizeBy([1], () => true)).toEqual({ left: [], asked: [[]] });
    expect(await minimizeBy([], () => true)).toEqual({ left: [], asked: [] });
    expect(await minimizeBy([1], (some) => some.length > 0)).toEqual({ left: [1], asked: [[]] });
  });

  test('goes on with less than it asked for, where that is the answer', async () => {
    const asked: number[][] = [];
    const left = await minimize([1, 2, 3, 4, 5, 6, 7, 8], (some) => {
      asked.push(some);
      return Promise.resolve(has(some, 7) ? [7] : undefined);
    });
    expect({ left, asked }).toEqual({ left: [7], asked: [[1, 2, 3, 4], [5, 6, 7, 8], []] });
  });

  test('of any predicate, what is left fails, in order, and would not without any one of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(15), { minLength: 1, maxLength: 10 }),
        fc.array(fc.uniqueArray(fc.nat(15), { maxLength: 4 }), { maxLength: 12 }),
        async (items, picky) => {
          // Fails as a whole, and for some lists of items by their sum: not monotonic at all.
          const sums = new Set(picky.map((some) => some.reduce((total, item) => total + item, 0)));
          const fails = (some: readonly number[]): boolean =>
            some.length === items.length || sums.has(some.reduce((total, item) => total + item, 0));
          const { left } = await minimizeBy(items, fails);
          expect(fails(left)).toBe(true);
          expect(left).toEqual(items.filter((item) => left.includes(item)));
          for (const item of left) expect(fails(left.filter((other) => other !== item))).toBe(false);
        },
      ),
    );
  });
});
