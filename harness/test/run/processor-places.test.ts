import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { takePlace } from '../../src/run/processor-places.js';

const count = availableParallelism();
const familyOf = (test: string) => `ipclab-test-${process.pid}-${test}`;
const take = async (family: string, places: number) =>
  await Promise.all(Array.from({ length: places }, async () => takePlace(family)));
const countEach = (places: readonly { processor: number }[]) =>
  Array.from({ length: count }, (_, each) => places.filter(({ processor }) => processor === each).length);

test('each processor gets an engine before any gets a second one, also where some have ended meanwhile', async () => {
  const family = familyOf('here');
  const places = await take(family, 2 * count);
  expect(countEach(places)).toEqual(Array.from({ length: count }, () => 2));
  for (let i = 0; i < 3; i++) {
    places[0]!.leave();
    const again = await takePlace(family);
    expect(again.processor).toBe(places[0]!.processor);
    places[0] = again;
  }
  for (const place of places) place.leave();
});

test('those of another process count, until it is killed', async () => {
  const family = familyOf('there');
  const source = `for (let processor = 0; processor < ${count}; processor++)
    require('node:net').createServer().listen('\\0${family}-' + processor + '-0', () => console.log(processor));`;
  const other = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
  let lines = 0;
  for await (const text of other.stdout) if ((lines += String(text).trim().split('\n').length) === count) break;
  const second = await takePlace(family);
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  const firsts = await take(family, count);
  expect(countEach(firsts)).toEqual(Array.from({ length: count }, () => 1));
  const seconds = [second, ...(await take(family, count - 1))];
  expect(countEach(seconds)).toEqual(Array.from({ length: count }, () => 1));
  for (const place of [...firsts, ...seconds]) place.leave();
});
