import { retriesEintr } from '../../src/rules/retries-eintr.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const wanted = { role: 'server', signals: ['SIGHUP'] };

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1'); // 0
  const queue = builder.queue(server); // 1
  const interrupt = (signal: `SIG${string}` = 'SIGHUP', parts: object = {}) => {
    const arrived = builder.trace.events.length - 1;
    builder.signal(server, 'handler', 'scenario', 'blocked', signal);
    return builder.call(
      server,
      'msgrcv',
      { id: 5, msgtyp: 1 },
      { queue, error: 'EINTR', arrived, waited: true, ...parts },
    );
  };
  const find = (parameters: object = {}) => check(retriesEintr, builder.run(), { ...wanted, ...parameters });
  return { builder, server, queue, interrupt, find };
}

test('a receive that is made again is fine, whatever comes in between and however it ends', () => {
  for (const status of [0, 1]) {
    const { builder, server, queue, interrupt, find } = start();
    interrupt();
    builder.call(server, 'sigprocmask');
    builder.call(server, 'msgrcv', { id: 5, msgtyp: 2 }, { queue });
    builder.exit(server, status);
    expect(find()).toEqual([]);
  }
});

test('one that is made again, and interrupted again, is looked at again', () => {
  const { builder, server, interrupt, find } = start();
  interrupt();
  interrupt(); // 4, 5
  builder.exit(server, 1);
  expect(find().map(({ code, events }) => ({ code, events }))).toEqual([{ code: 'gave-up', events: [4, 5, 6] }]);
});

test('who has not ended may still wait in the next one', () => {
  const { builder, server, queue, interrupt, find } = start();
  interrupt();
  const args = { id: 5 };
  builder.end({
    cause: 'deadlock',
    waits: [{ process: server, call: 9, name: 'msgrcv', args, kind: 'message', queue, certain: true }],
  });
  expect(find()).toEqual([]);
});

test('what interrupted it is a handler of its own process, since it came to the call', () => {
  const { builder, server, queue, find } = start();
  const client = builder.start('client#1');
  builder.signal(server, 'handler', 'scenario', 'before', 'SIGHUP');
  const arrived = builder.call(server, 'sigprocmask');
  builder.signal(client, 'handler', 'scenario', 'before', 'SIGHUP');
  builder.signal(server, 'ignored', 'scenario', 'before', 'SIGHUP');
  builder.print(server, 'SIGHUP');
  builder.call(server, 'msgrcv', { id: 5 }, { queue, error: 'EINTR', arrived });
  builder.exit(client, 1);
  builder.exit(server, 1);
  expect(find()).toEqual([]);

  // One that came later was no cause.
  const later = start();
  later.builder.call(later.server, 'msgrcv', { id: 5 }, { queue: later.queue, error: 'EINTR' });
  later.builder.signal(later.server, 'handler', 'scenario', 'blocked', 'SIGHUP');
  later.builder.exit(later.server, 1);
  expect(later.find()).toEqual([]);
});

test('a later signal that is ignored, or is for somebody else, explains no end', () => {
  const { builder, server, interrupt, find } = start();
  const client = builder.start('client#1');
  interrupt(); // 3, 4
  builder.signal(client);
  builder.signal(server, 'ignored');
  builder.exit(server, 1); // 7
  expect(find().map(({ code, events }) => ({ code, events }))).toEqual([{ code: 'gave-up', events: [3, 4, 7] }]);
});

test('gave-up: the process ends because of it', () => {
  const { builder, server, interrupt, find } = start();
  interrupt(); // 2, 3
  // Another thread's, and another queue's.
  builder.call(server, 'msgrcv', { id: 5 }, { thread: 1 });
  builder.call(server, 'msgrcv', { id: 6 });
  builder.call(server, 'msgsnd', { id: 5 });
  builder.exit(server, 1); // 7
  expect(find()).toEqual([
    {
      code: 'gave-up',
      message: "server#1's msgrcv was interrupted by SIGHUP, and it ended with exit status 1.",
      events: [2, 3, 7],
      expected: 'msgrcv again, for what it was to do is still to be done',
      actual: 'it was not made again',
      processes: [0],
    },
  ]);
  expect(find({ role: 'client' })).toEqual([]);
  expect(find({ calls: ['msgsnd', 'wait'] })).toEqual([]);
});

test('not-retried: it goes on as if a message had come', () => {
  const { builder, server, interrupt, find } = start();
  interrupt();
  builder.exit(server);
  expect(find()).toEqual([
    {
      code: 'not-retried',
      message: "server#1's msgrcv was interrupted by SIGHUP, and it went on as if it had succeeded.",
      events: [2, 3, 4],
      expected: 'msgrcv again, for what it was to do is still to be done',
      actual: 'it was not made again',
      processes: [0],
    },
  ]);
});

test('a signal that says stop may end it, then or later', () => {
  for (const stop of ['before', 'with', 'after'] as const) {
    const { builder, server, queue, interrupt, find } = start();
    if (stop === 'before') interrupt('SIGTERM');
    else if (stop === 'after') {
      interrupt();
      builder.signal(server);
    } else {
      const arrived = builder.trace.events.length - 1;
      builder.signal(server, 'handler', 'scenario', 'blocked', 'SIGHUP');
      builder.signal(server);
      builder.call(server, 'msgrcv', { id: 5 }, { queue, error: 'EINTR', arrived });
    }
    builder.exit(server, 1);
    expect(find()).toEqual([]);
  }
});

test('what we made fail, what was killed, and what no handler explains, tell nothing', () => {
  const { builder, server, queue, interrupt, find } = start();
  interrupt('SIGHUP', { forced: true });
  builder.call(server, 'msgsnd', { id: 5 }, { queue, error: 'EINTR' });
  interrupt('SIGHUP', { error: 'EIDRM' });
  builder.exit(server, 1);
  expect(find()).toEqual([]);
  const killed = start();
  killed.interrupt();
  killed.builder.die(killed.server, 'SIGKILL');
  expect(killed.find()).toEqual([]);
});
