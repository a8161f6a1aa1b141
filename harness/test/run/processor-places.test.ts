import { availableParallelism } from 'node:os';
import { leavePlace, takePlace } from '../../src/run/processor-places.js';

test('each processor gets an engine before any gets a second one, also where some have ended meanwhile', () => {
  const places = Array.from({ length: availableParallelism() }, takePlace);
  expect(new Set(places).size).toBe(places.length);
  for (let i = 0; i < 3; i++) {
    leavePlace(places[0]!);
    expect(takePlace()).toBe(places[0]);
  }
  places.forEach(leavePlace);
});
