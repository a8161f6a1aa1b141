import { terminates } from '../../src/rules/terminates.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

test('a run in which every process ends is fine', () => {
  const builder = new TraceBuilder();
  builder.exit(builder.start('main#1'));
  expect(check(terminates, builder.run())).toEqual([]);
});

test('a deadlock is told by who waits for what', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(main);
  const child = builder.fork(main);
  builder.end({
    cause: 'deadlock',
    waits: [
      { process: main, call: 3, name: 'wait', args: { pid: 20_001 }, kind: 'child', certain: true },
      { process: child, call: 1, name: 'msgrcv', args: { msgtyp: 5 }, kind: 'message', queue, certain: true },
    ],
  });
  expect(check(terminates, builder.run())).toEqual([
    {
      code: 'deadlock',
      message:
        'main#1 waits for main#1.1 to end; main#1.1 waits for a message of type 5 in queue A. None of them can ever go on.',
      events: [2, 3],
      expected: 'every process ends',
      actual: 'main#1, main#1.1 wait for ever',
      processes: [main, child],
    },
  ]);
});

test('one process that waits in its event loop is idle for ever', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  builder.end({
    cause: 'idle',
    waits: [{ process: main, call: 1, name: 'unknown', args: {}, kind: 'unknown', certain: false }],
  });
  expect(check(terminates, builder.run())).toEqual([
    {
      code: 'idle',
      message: 'main#1 waits in a call that is not watched. Nobody is left to end the wait.',
      events: [0],
      expected: 'every process ends',
      actual: 'main#1 waits for ever',
      processes: [main],
    },
  ]);
});

test.each([
  ['wall-limit', 'did not end in time'],
  ['cpu-limit', 'computed without ever making another call'],
  ['memory-limit', 'used more memory than it may'],
  ['output-limit', 'wrote more output than it may'],
  ['step-limit', 'made calls without end (busy waiting?)'],
] as const)('%s names the process and the limit', (cause, what) => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  builder.end({ cause, waits: [], process: main, detail: '500 of them' });
  expect(check(terminates, builder.run())).toEqual([
    {
      code: cause,
      message: `main#1 ${what} (limit: 500 of them).`,
      events: [0],
      expected: 'every process ends',
      actual: 'ended by us at the limit: 500 of them',
      processes: [main],
    },
  ]);
});
