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
        'main#1 waits for main#1.1 to end; main#1.1 waits for a message of type 5 in queue A, which is empty. None of them can ever go on.',
      events: [2, 3],
      expected: 'every process ends',
      actual: 'main#1, main#1.1 wait for ever',
      processes: [main, child],
    },
  ]);
});

test('a wait shows what the queue holds instead, and the signal that came before', () => {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const client = builder.start('client#1');
  const queue = builder.queue(server);
  builder.send(client, queue, 7);
  builder.stop(server);
  const args = { msgtyp: -5 };
  builder.end({
    cause: 'deadlock',
    waits: [{ process: server, call: 2, name: 'msgrcv', args, kind: 'message', queue, certain: true }],
  });
  const findings = (more: () => void = () => {}) => {
    more();
    return check(terminates, builder.run());
  };
  const deadlock = {
    code: 'deadlock',
    message:
      'SIGTERM reached server#1. server#1 waits for a message of the lowest type up to 5 in queue A, which holds one message, of type 7. Nobody is left to end the wait.',
    events: [4],
    expected: 'every process ends',
    actual: 'server#1 waits for ever',
    processes: [server],
  };
  expect(findings()).toEqual([deadlock]);
  const told = (types: number[]) =>
    findings(() => types.forEach((type) => builder.send(client, queue, type)))[0]!.message.replace(/.*, which /, '');
  expect(told([7])).toBe('holds 2 messages, all of type 7. Nobody is left to end the wait.');
  expect(told([8])).toBe('holds 3 messages, of types 7, 8. Nobody is left to end the wait.');
  expect(told([9, 10, 11])).toBe('holds 6 messages, of types 7, 8, 9, …. Nobody is left to end the wait.');
});

test.each([
  [{ kind: 'space', args: { mtype: 3 } }, 'for room in queue A, to send a message of type 3; it is empty'],
  [{ kind: 'message', args: { msgtyp: 0 } }, 'for any message in queue A, which is empty'],
  [{ kind: 'semaphore' }, 'for a semaphore'],
  [{ kind: 'child', args: { pid: -1 } }, 'for a child to end'],
  [{ kind: 'signal', name: 'pause' }, 'for a signal in pause'],
  [{ kind: 'timer' }, 'for a timer'],
  [{ kind: 'event-loop' }, 'in its event loop, with nothing that could wake it'],
  [{ kind: 'unknown' }, 'in a call that is not watched'],
] as const)('%j is put into words', (wait, words) => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(main);
  builder.end({
    cause: 'deadlock',
    waits: [{ process: main, call: 2, name: 'unknown', args: {}, queue, certain: true, ...wait }],
  });
  expect(check(terminates, builder.run()).map(({ message }) => message)).toEqual([
    `main#1 waits ${words}. Nobody is left to end the wait.`,
  ]);
});

test('a role that never ends by design may be left waiting, alone', () => {
  const builder = new TraceBuilder();
  const [server, client] = [builder.start('server#1'), builder.start('client#1')];
  const wait = { call: 1, name: 'pause' as const, args: {}, kind: 'signal' as const, certain: true };
  builder.end({ cause: 'idle', waits: [{ process: server, ...wait }] });
  expect(check(terminates, builder.run(), { mayWait: ['server'] })).toEqual([]);
  builder.end({ cause: 'idle', waits: [server, client].map((process) => ({ process, ...wait })) });
  expect(check(terminates, builder.run(), { mayWait: ['server'] }).map(({ code }) => code)).toEqual(['idle']);
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
      message:
        'main#1 waits in a call that is not watched. Nobody is left to end the wait. (Not all of it is certain: a call that is not watched, or an event loop, may wait for something that was not seen.)',
      events: [0],
      expected: 'every process ends',
      actual: 'main#1 waits for ever',
      processes: [main],
    },
  ]);
});

test('who polls in vain without end waits busily, unless it may', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  builder.end({ cause: 'busy-waiting', waits: [], process: main, detail: '1000 polls in vain' });
  expect(check(terminates, builder.run())).toEqual([
    {
      code: 'busy-waiting',
      message:
        'main#1 asked again and again for what was not there (1000 polls in vain), and nobody was left to bring it. Whether it would have given up some day is not known.',
      events: [0],
      expected: 'every process ends; one that waits sleeps in a blocking call',
      actual: 'main#1 polls without end',
      processes: [main],
    },
  ]);
  expect(check(terminates, builder.run(), { mayWait: ['main'] })).toEqual([]);
});

test('who starts processes without end is told so', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  for (let child = 0; child < 100; child++) builder.exit(builder.fork(main));
  builder.end({ cause: 'step-limit', waits: [], process: main, detail: 'more than 5000 steps' });
  expect(check(terminates, builder.run()).map(({ message }) => message)).toEqual([
    'main#1 started processes without end, 101 by then (limit: more than 5000 steps).',
  ]);
});

test.each([
  ['wall-limit', 'did not end in time'],
  ['cpu-limit', 'computed without ever making another call'],
  ['memory-limit', 'used more memory than it may'],
  ['output-limit', 'wrote more output than it may'],
  ['file-limit', 'read and wrote more in files than it may'],
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
