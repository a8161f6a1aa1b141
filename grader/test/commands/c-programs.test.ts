import path from 'node:path';
import { resultSchema } from '../../src/score/result.js';
import { runCli } from './cli.js';

const LAB = path.resolve(import.meta.dirname, '../fixtures/c-programs');
const grade = (submission: string) => {
  const { stdout } = runCli(['grade', path.join(LAB, submission), '--lab', LAB, '--json']);
  return resultSchema.parse(JSON.parse(stdout));
};

test('programs in C, as make builds them, are explored like any other; so are threads', () => {
  const result = grade('good');
  expect([result.verdict, result.points, result.faults]).toEqual(['pass', 4, []]);
  expect(result.scenarios.map(({ name, outcomes }) => [name, outcomes.map(({ what }) => what)])).toEqual([
    ['order', ['pass']],
    ['signal', ['pass']],
    ['threads', ['pass']],
  ]);
  // What the two threads can do in different orders is little, and was all tried.
  expect(result.scenarios[2]!.explored).toMatchObject({ distinct: 3, isComplete: true });
});

test('their mistakes are found, with tokens that show them again', () => {
  const result = grade('careless');
  expect(result.rules.map(({ id, finding }) => [id, finding?.code])).toEqual([
    ['replies', 'crossed'],
    ['removed', 'too-early-pending'],
    ['ends', 'deadlock'],
  ]);
  const { token } = result.rules[0]!.finding!;
  const replayed = runCli(['replay', token, path.join(LAB, 'careless'), '--lab', LAB]);
  expect(replayed.code).toBe(1);
  // In a thread a process talks to itself: its token names threads.
  const threads = result.scenarios
    .find(({ name }) => name === 'threads')!
    .outcomes.find(({ verdict }) => verdict === 'fail')!;
  expect(threads.token).toBe('threads~threads1.2:threads1+1~~ends');
  expect(runCli(['replay', threads.token, path.join(LAB, 'careless'), '--lab', LAB]).code).toBe(1);
});
