import { array, assert as check, integer, nat, pre, property } from 'fast-check';
import { linearize } from '../../src/history/linearize.js';
import { CORRUPTIONS, getReceives, isExplainable, PILE_BYTES, simulate } from './simulation.js';

const OPTIONS = { limits: { queueBytes: PILE_BYTES } };
const SEED = { seed: 20_261_123 };
const choices = (maxLength: number) => array(nat({ max: 9999 }), { minLength: 6, maxLength, size: 'max' });
const processes = integer({ min: 1, max: 5 });
const hasOrder = (history: Parameters<typeof linearize>[0]): boolean => {
  const found = linearize(history, OPTIONS);
  if ('tooLong' in found) throw new Error('Expected an answer in time');
  return 'order' in found;
};

test('what really happened always has an order, however many calls overlap', () => {
  check(
    property(processes, choices(300), (count, made) => {
      expect(linearize(simulate(count, made), OPTIONS)).toHaveProperty('order');
    }),
    { ...SEED, numRuns: 300 },
  );
});

test('the order respects time', () => {
  check(
    property(processes, choices(120), (count, made) => {
      const history = simulate(count, made);
      const found = linearize(history, OPTIONS);
      const times = 'order' in found ? found.order : [];
      for (const { event, time } of times) {
        const call = history.events[event] as { entered: number; returned: number | null };
        expect(time).toBeGreaterThanOrEqual(call.entered);
        expect(time).toBeLessThan(call.returned ?? Infinity);
      }
      expect(times.map(({ time }) => time)).toEqual(times.map(({ time }) => time).toSorted((a, b) => a - b));
    }),
    { ...SEED, numRuns: 100 },
  );
});

test.each(Object.keys(CORRUPTIONS))('%s: refused if and only if no order of all explains it', (name) => {
  let refused = 0;
  check(
    property(processes, choices(24), nat({ max: 999 }), (count, made, choice) => {
      const history = simulate(count, made);
      CORRUPTIONS[name]!(history, choice);
      const explainable = isExplainable(history);
      if (!explainable) refused++;
      expect(hasOrder(history)).toBe(explainable);
    }),
    { ...SEED, numRuns: 500 },
  );
  expect(refused).toBeGreaterThan(20);
});

test('a message that nobody sent is refused in a long history too', () => {
  check(
    property(processes, choices(300), nat({ max: 999 }), (count, made, choice) => {
      const history = simulate(count, made);
      pre(getReceives(history).length > 0);
      CORRUPTIONS['a message that nobody sent']!(history, choice);
      expect(hasOrder(history)).toBe(false);
    }),
    { ...SEED, numRuns: 100 },
  );
});
