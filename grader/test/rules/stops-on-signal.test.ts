import { stopsOnSignal } from '../../src/rules/stops-on-signal.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const wanted = { role: 'server', signals: ['SIGTERM'], within: 3 };

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1'); // 0
  const queue = builder.queue(server); // 1
  const find = (parameters: object = {}) => check(stopsOnSignal, builder.run(), { ...wanted, ...parameters });
  return { builder, server, queue, find };
}

test('a process that finishes what it has begun, and ends, is fine', () => {
  const { builder, server, queue, find } = start();
  builder.signal(server); // a planned one
  for (let count = 0; count < 3; count++) builder.send(server, queue, 1);
  builder.stop(server);
  builder.call(server, 'poll');
  builder.exit(server);
  expect(find()).toEqual([]);
  expect(find({ code: 3 }).map(({ code }) => code)).toEqual(['wrong-status']);
});

test('other signals, other roles, and signals without a handler, tell nobody to stop', () => {
  const { builder, server, find } = start();
  const client = builder.start('client#1');
  builder.signal(server, 'handler', 'scenario', 'before', 'SIGHUP');
  builder.signal(server, 'ignored');
  builder.signal(client);
  builder.exit(server, 1);
  builder.exit(client, 1);
  expect(find()).toEqual([]);
  builder.signal(server, 'killed');
  expect(find()).toEqual([]);
});

test('went-on: it makes call after call', () => {
  const { builder, server, queue, find } = start();
  builder.send(server, queue, 1);
  builder.stop(server); // 3
  for (let count = 0; count < 5; count++) builder.send(server, queue, 1); // 4 …
  builder.exit(server, 1);
  expect(find()).toEqual([
    {
      code: 'went-on',
      message: 'server#1 was sent SIGTERM, and made 5 more calls.',
      events: [3, 7],
      expected: 'it ends after SIGTERM, with at most 3 more calls',
      actual: '5 more calls',
      processes: [0],
    },
  ]);
});

test('never-stopped: it waits again, and nothing comes', () => {
  const { builder, server, queue, find } = start();
  builder.send(server, queue, 1);
  builder.stop(server); // 3
  builder.call(server, 'msgrcv', {}, { queue, error: 'EINTR' }); // 4
  const wait = {
    process: server,
    call: 4,
    name: 'msgrcv',
    args: { msgtyp: 7 },
    kind: 'message',
    queue,
    certain: true,
  } as const;
  builder.end({ cause: 'deadlock', waits: [wait] });
  const finding = {
    code: 'never-stopped',
    message:
      'server#1 was sent SIGTERM, its handler ran, and it never stopped: server#1 waits for a message of type 7 in queue A, which holds one message, of type 1.',
    events: [3, 4],
    expected: 'it ends after SIGTERM',
    actual: 'it waits for ever',
    processes: [0],
  };
  expect(find()).toEqual([finding]);
  builder.end({ cause: 'idle', waits: [wait] });
  expect(find()).toEqual([finding]);
  // It might still have ended.
  builder.end({ cause: 'wall-limit', waits: [wait] });
  expect(find()).toEqual([]);
  builder.end({ cause: 'deadlock', waits: [] });
  expect(find()).toEqual([]);
});

test('wrong-status: it ends as if it had failed; the second signal changes nothing', () => {
  const { builder, server, find } = start();
  builder.stop(server); // 2
  builder.stop(server);
  builder.exit(server, 1); // 4
  expect(find()).toEqual([
    {
      code: 'wrong-status',
      message: 'server#1 was sent SIGTERM, and ended with exit status 1.',
      events: [2, 4],
      expected: 'exit status 0',
      actual: 'exit status 1',
      processes: [0],
    },
  ]);
  expect(find({ code: 1 })).toEqual([]);
  expect(find({ role: 'client' })).toEqual([]);
});

test('who is killed after it was told has no status', () => {
  const { builder, server, find } = start();
  builder.stop(server);
  builder.die(server, 'SIGKILL');
  expect(find()).toEqual([]);
});

test('dropped: a message that was there when the signal came is never received', () => {
  const formats = { request: { mtype: { min: 1, max: 1 }, fields: {} }, reply: { mtype: { min: 2 }, fields: {} } };
  const { builder, server, queue } = start();
  const client = builder.start('client#1'); // 2
  const find = (drains?: string) =>
    check(stopsOnSignal, builder.run(formats), { ...wanted, ...(drains ? { drains } : {}) });
  const message = builder.send(client, queue, 1); // 3
  builder.stop(server); // 4
  builder.send(client, queue, 1);
  expect(find('request')).toEqual([]);
  builder.exit(server); // 6
  expect(find()).toEqual([]);
  expect(find('reply')).toEqual([]);
  expect(find('request')).toEqual([
    {
      code: 'dropped',
      message: 'server#1 was sent SIGTERM, and ended without taking the request of type 1 that was in queue A by then.',
      events: [4, 6],
      expected: 'what is in the queue when SIGTERM comes is still worked on',
      actual: 'it was lost with the queue',
      processes: [0],
    },
  ]);
  builder.trace.messages[message]!.receivedAt = 5;
  expect(find('request')).toEqual([]);
});

test('killed: there was no handler when it was told', () => {
  const { builder, server, find } = start();
  builder.stop(server, 'killed'); // 2
  builder.die(server, 'SIGTERM');
  expect(find()).toEqual([
    {
      code: 'killed',
      message: 'server#1 was killed by SIGTERM.',
      events: [2],
      expected: 'a handler of SIGTERM',
      actual: 'the default action',
      processes: [0],
    },
  ]);
});
