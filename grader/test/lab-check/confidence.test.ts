import { getMedian, getUpperBound } from '../../src/lab-check/confidence.js';

test('of no failure the bound is exact: 1 − 0.05^(1/n)', () => {
  expect(getUpperBound(0, 1)).toBeCloseTo(0.95, 12);
  expect(getUpperBound(0, 20)).toBeCloseTo(0.139_108_341, 9);
  expect(getUpperBound(0, 2000)).toBeCloseTo(0.001_496_745, 9);
});

// Clopper and Pearson's bounds, as in printed tables: quantiles of the beta distribution B(k + 1, n − k) at 0.95.
test.each([
  [1, 10, 0.394_163],
  [2, 20, 0.282_619],
  [5, 100, 0.102_253],
])('of %i failures in %i it is that of the beta distribution', (failures, trials, bound) => {
  expect(getUpperBound(failures, trials)).toBeCloseTo(bound, 5);
});

test('of nothing, and of failures alone, it says nothing', () => {
  expect([getUpperBound(0, 0), getUpperBound(3, 3)]).toEqual([1, 1]);
});

test('the median is the one in the middle, the lower of two, and none of none', () => {
  expect([getMedian([9, 1, 5]), getMedian([4, 2]), getMedian([])]).toEqual([5, 2, undefined]);
});
