import { acknowledged } from '../../src/rules/acknowledged.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const formats = {
  data: { mtype: { min: 1, max: 1 }, fields: { number: 'int' } },
  ack: { mtype: { min: 2, max: 2 }, fields: { of: 'int' } },
  other: { mtype: { min: 3 }, fields: {} },
};
const rules = { format: 'data', ack: 'ack', match: { number: 'of' } };
const stopAndWait = { ...rules, window: 1 };

function start() {
  const builder = new TraceBuilder();
  const sender = builder.start('sender#1');
  const receiver = builder.start('receiver#1');
  const queue = builder.queue(sender); // event 2
  const send = (number: number, from = sender) => builder.send(from, queue, 1, pack(number));
  const acknowledge = (of: number, from = receiver) => builder.send(from, queue, 2, pack(of));
  /** Sent, received, acknowledged, and the acknowledgement received: four events. */
  const exchange = (number: number) => {
    builder.receive(receiver, send(number), 1);
    builder.receive(sender, acknowledge(number), 2);
  };
  const find = (parameters: object = rules) => check(acknowledged, builder.run(formats), parameters);
  const findCodes = (parameters: object = rules) => find(parameters).map(({ code }) => code);
  return { builder, sender, receiver, queue, send, acknowledge, exchange, find, findCodes };
}

test('stop-and-wait is fine, also where a number comes again', () => {
  const { exchange, find } = start();
  for (const number of [0, 1, 0]) exchange(number);
  expect(find(stopAndWait)).toEqual([]);
  expect(find({ ...stopAndWait, match: {} })).toEqual([]);
});

test('several may be out, in any order, where the lab sets no window, or a wide one', () => {
  const { builder, sender, receiver, send, acknowledge, find } = start();
  const sent = [1, 2].map((number) => send(number));
  for (const message of sent) builder.receive(receiver, message, 1);
  for (const number of [2, 1]) builder.receive(sender, acknowledge(number), 2);
  expect(find()).toEqual([]);
  expect(find({ ...rules, window: 2 })).toEqual([]);
});

test('missing: received, and never acknowledged; those of one process are told once', () => {
  const { builder, sender, receiver, send, find } = start();
  const sent = [1, 2].map((number) => send(number));
  for (const message of sent) builder.receive(receiver, message, 1);
  const missing = {
    code: 'missing',
    message: 'receiver#1 received the data of type 1 {number: 1} of sender#1 and never acknowledged it, nor 1 more.',
    events: [3, 5],
    expected: 'one acknowledgement for each message received',
    actual: 'none',
    processes: [receiver],
  };
  expect(find()).toEqual([missing]);
  // The sender goes on because of the same: it is told once.
  expect(find(stopAndWait)).toEqual([missing]);
  builder.signal(sender);
  expect(find()).toEqual([]);
  expect(find({ ...rules, signalled: 'unreached' })).toEqual([missing]);
  expect(find({ ...rules, signalled: 'check' })).toEqual([missing]);
  builder.signal(receiver);
  expect(find({ ...rules, signalled: 'unreached' })).toEqual([]);
});

test('who takes its own message owes nobody an acknowledgement', () => {
  const { builder, sender, send, find } = start();
  builder.receive(sender, send(1), 0);
  expect(find()).toEqual([]);
});

test('missing is certain in a deadlock in which the receiver already waits for the next; not in a run that we ended', () => {
  const { builder, sender, receiver, queue, send, findCodes } = start();
  builder.receive(receiver, send(1), 1);
  const waits = (kind: 'message' | 'space', certain = true) =>
    [sender, receiver].map((process) => ({
      process,
      call: 9,
      name: 'msgrcv' as const,
      args: {},
      kind,
      queue,
      certain,
    }));
  builder.end({ cause: 'deadlock', waits: waits('message') });
  expect(findCodes()).toEqual(['missing']);
  builder.end({ cause: 'deadlock', waits: waits('space') });
  expect(findCodes()).toEqual([]);
  builder.end({ cause: 'deadlock', waits: waits('message', false) });
  expect(findCodes()).toEqual([]);
  builder.end({ cause: 'step-limit', waits: waits('message') });
  expect(findCodes()).toEqual([]);
});

test('early: acknowledged before it was received', () => {
  const { builder, sender, receiver, send, acknowledge, find } = start();
  const message = send(1);
  builder.receive(sender, acknowledge(1), 2);
  const early = {
    code: 'early',
    message: 'receiver#1 sent the ack of type 2 {of: 1} before it had received the data of type 1 {number: 1}.',
    events: [3, 4],
    expected: 'acknowledged after it was received',
    actual: 'acknowledged, and not received',
    processes: [receiver],
  };
  expect(find(stopAndWait)).toEqual([early]);
  builder.receive(receiver, message, 1);
  expect(find(stopAndWait)).toEqual([{ ...early, events: [3, 4, 6], actual: 'acknowledged first, received later' }]);
});

describe('the work between the receive and the acknowledgement', () => {
  const printing = { ...rules, after: { output: '/stored \\d/' } };
  const early = {
    code: 'early',
    message: 'receiver#1 acknowledged the data of type 1 {number: 1} before its work was done.',
    events: [4, 5, 6],
    expected: 'received, worked on, acknowledged',
    actual: 'received, acknowledged, worked on',
  };

  test('is fine if done in between, and early if not', () => {
    const { builder, receiver, send, acknowledge, find } = start();
    builder.receive(receiver, send(1), 1);
    acknowledge(1);
    builder.print(receiver, 'stored 1\n');
    expect(find(printing)).toEqual([{ ...early, processes: [receiver] }]);
    builder.receive(receiver, send(2), 1);
    builder.print(receiver, 'stored 2\n');
    acknowledge(2);
    expect(find(printing)).toEqual([{ ...early, processes: [receiver] }]);
  });

  test('may be a message to another', () => {
    const { builder, receiver, queue, send, acknowledge, find } = start();
    const sending = { ...rules, after: { send: 'other' } };
    builder.receive(receiver, send(1), 1);
    acknowledge(1);
    builder.send(receiver, queue, 3);
    expect(find(sending)).toEqual([{ ...early, processes: [receiver] }]);
    const good = start();
    good.builder.receive(good.receiver, good.send(1), 1);
    good.builder.send(good.receiver, good.queue, 3);
    good.acknowledge(1);
    expect(good.find(sending)).toEqual([]);
  });

  test('is not known where lines come together from a buffer, or may be those of the next message', () => {
    const buffered = start();
    for (const number of [1, 2]) {
      buffered.builder.receive(buffered.receiver, buffered.send(number), 1);
      buffered.acknowledge(number);
    }
    buffered.builder.print(buffered.receiver, 'stored 1\nstored 2\n');
    expect(buffered.find(printing)).toEqual([]);
    const { builder, receiver, send, acknowledge, find } = start();
    builder.receive(receiver, send(1), 1);
    acknowledge(1);
    builder.receive(receiver, send(2), 1);
    builder.print(receiver, 'stored 2\n');
    acknowledge(2);
    expect(find(printing)).toEqual([]);
  });
});

test('wrong: acknowledges another message than it had', () => {
  const { builder, sender, receiver, send, acknowledge, find } = start();
  builder.receive(receiver, send(1), 1);
  builder.receive(sender, acknowledge(7), 2);
  send(2);
  const wrong = {
    code: 'wrong',
    message:
      'receiver#1 sent the ack of type 2 {of: 7}; the message that it had received was the data of type 1 {number: 1}.',
    events: [4, 5],
    expected: 'acknowledges number: 1',
    actual: 'acknowledges of: 7',
    processes: [receiver],
  };
  expect(find(stopAndWait)).toEqual([wrong]);
});

test('wrong: acknowledges nothing', () => {
  const { receiver, acknowledge, find } = start();
  acknowledge(7);
  expect(find()).toEqual([
    {
      code: 'wrong',
      message: 'receiver#1 sent the ack of type 2 {of: 7}, and had no message to acknowledge.',
      events: [3],
      expected: 'one acknowledgement for each message received',
      actual: 'an acknowledgement of nothing',
      processes: [receiver],
    },
  ]);
});

test('wrong: taken by another than the sender, be it the one that sent it', () => {
  const { builder, sender, receiver, send, acknowledge, find } = start();
  builder.receive(receiver, send(1), 1);
  builder.receive(receiver, acknowledge(1), 0);
  expect(find()).toEqual([
    {
      code: 'wrong',
      message:
        'receiver#1 took the ack of type 2 {of: 1}, by which receiver#1 acknowledged the data of type 1 {number: 1} of sender#1.',
      events: [3, 5, 6],
      expected: 'received by sender#1, which waits for it',
      actual: 'received by receiver#1',
      processes: [sender, receiver],
    },
  ]);
});

test('too-soon: the next is sent before the acknowledgement has come', () => {
  const { builder, sender, receiver, send, acknowledge, find } = start();
  builder.receive(receiver, send(1), 1);
  const ack = acknowledge(1);
  const next = send(2);
  builder.receive(sender, ack, 2);
  builder.receive(receiver, next, 1);
  builder.receive(sender, acknowledge(2), 2);
  const tooSoon = {
    code: 'too-soon',
    message:
      'sender#1 sent the data of type 1 {number: 2} before it had the acknowledgement of the data of type 1 {number: 1}.',
    events: [3, 6, 7],
    expected: 'send, wait for the acknowledgement, send the next',
    actual: '2 messages out, not acknowledged yet',
    processes: [sender],
  };
  expect(find(stopAndWait)).toEqual([tooSoon]);
  expect(find({ ...rules, window: 2 })).toEqual([]);
  send(3);
  send(4);
  send(5);
  expect(find({ ...rules, window: 2 })).toEqual([
    {
      ...tooSoon,
      message:
        'sender#1 sent the data of type 1 {number: 5} before it had the acknowledgement of the data of type 1 {number: 3}.',
      events: [11, 13],
      expected: 'at most 2 messages out',
      actual: '3 messages out, not acknowledged yet',
    },
  ]);
});

test('two senders have windows of their own, and may use the same numbers', () => {
  const { builder, sender, receiver, send, acknowledge, find } = start();
  const second = builder.start('sender#2');
  builder.receive(receiver, send(1, second), 1);
  builder.receive(receiver, send(1), 1);
  const [first, other] = [acknowledge(1), acknowledge(1)];
  builder.receive(sender, first, 2);
  builder.receive(second, other, 2);
  expect(find(stopAndWait)).toEqual([]);
});

test('twice: the same message is acknowledged again', () => {
  const { exchange, receiver, acknowledge, find } = start();
  exchange(1);
  acknowledge(1);
  expect(find()).toEqual([
    {
      code: 'twice',
      message:
        'receiver#1 sent the ack of type 2 {of: 1}, though it had acknowledged the data of type 1 {number: 1} already.',
      events: [4, 5, 7],
      expected: 'one acknowledgement for each message received',
      actual: 'acknowledged twice',
      processes: [receiver],
    },
  ]);
});

describe('a message that is sent again', () => {
  test('may be acknowledged once for all its copies, or each time; its work is done once', () => {
    const { builder, sender, receiver, send, acknowledge, exchange, find } = start();
    const resend = { ...stopAndWait, resend: true, after: { output: 'stored' } };
    const [first, again] = [send(1), send(1)];
    builder.receive(receiver, first, 1);
    builder.print(receiver, 'stored\n');
    builder.receive(sender, acknowledge(1), 2);
    builder.receive(receiver, again, 1);
    expect(find(resend)).toEqual([]);
    acknowledge(1);
    builder.receive(receiver, send(2), 1);
    builder.print(receiver, 'stored\n');
    builder.receive(sender, acknowledge(2), 2);
    expect(find(resend)).toEqual([]);
    exchange(3);
    expect(find({ ...rules, resend: true, window: 1 })).toEqual([]);
  });

  test('is another message where the lab does not allow it', () => {
    const { builder, receiver, send, acknowledge, findCodes } = start();
    const [first, again] = [send(1), send(1)];
    builder.receive(receiver, first, 1);
    acknowledge(1);
    builder.receive(receiver, again, 1);
    expect(findCodes(stopAndWait)).toEqual(['missing', 'too-soon']);
  });

  test('is no copy where another message was sent in between', () => {
    const { exchange, send, builder, receiver, findCodes } = start();
    exchange(0);
    exchange(1);
    builder.receive(receiver, send(0), 1);
    expect(findCodes({ ...stopAndWait, resend: true })).toEqual(['missing']);
  });
});

test('a child of the receiver may acknowledge, a child of the sender may take it; but the sender does not acknowledge its own', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const receiver = builder.fork(main);
  const queue = builder.queue(main);
  const helper = builder.fork(receiver);
  builder.receive(receiver, builder.send(main, queue, 1, pack(1)), 1);
  const ack = builder.send(helper, queue, 2, pack(1));
  builder.receive(main, ack, 2);
  expect(check(acknowledged, builder.run(formats), stopAndWait)).toEqual([]);
  builder.trace.messages[ack]!.sender = main;
  expect(check(acknowledged, builder.run(formats), stopAndWait).map(({ code }) => code)).toEqual(['wrong', 'missing']);
});
