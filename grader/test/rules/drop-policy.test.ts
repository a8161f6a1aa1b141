import { dropPolicy } from '../../src/rules/drop-policy.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const formats = { item: { mtype: { min: 1, max: 1 }, fields: { number: 'int' } } };
const SIZE = 16;

/** A queue for two items, as the kernel sees it. */
function start() {
  const builder = new TraceBuilder();
  const producer = builder.start('producer#1');
  const consumer = builder.start('consumer#1');
  const queue = builder.queue(producer); // event 2
  builder.trace.queues[queue]!.maxBytes = 2 * SIZE;
  const send = (number: number, from = producer) => builder.send(from, queue, 1, pack(number));
  const refuse = (from = producer) =>
    builder.call(from, 'msgsnd', { mtype: 1, sizeBytes: SIZE, flags: ['IPC_NOWAIT'] }, { queue, error: 'EAGAIN' });
  const take = (message: number) => builder.receive(consumer, message);
  const find = (policy: string, parameters: object = {}) =>
    check(dropPolicy, builder.run(formats), { policy, format: 'item', number: 'number', ...parameters });
  const findCodes = (policy: string, parameters: object = {}) =>
    find(policy, parameters).map(({ code, message }) => `${code}: ${message}`);
  return { builder, producer, consumer, queue, send, refuse, take, find, findCodes };
}

const WAIT = 'nothing is given up: a sender waits for room';
const OVERWRITE = 'if the queue is full, its oldest message makes room for the new one';
const DISCARD = 'if the queue is full, the new message is given up and the old ones stay';

describe('wait', () => {
  test('is fine asleep for room, and with attempts that are refused and made again', () => {
    const { builder, producer, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    take(first);
    const third = send(3);
    Object.assign(builder.trace.events[builder.trace.messages[third]!.sentAt!]!, { waited: true });
    take(second);
    take(third);
    builder.exit(producer);
    expect(find('wait', { count: 3, from: 'producer', to: 'consumer' })).toEqual([]);
  });

  test('lost: an item that found no room is given up', () => {
    const { producer, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    for (const message of [first, second]) take(message);
    take(send(5));
    expect(find('wait')).toEqual([
      {
        code: 'lost',
        message: 'producer#1 gave up the items with number 3 to 4.',
        events: [4, 5, 8],
        expected: WAIT,
        actual: 'the items with number 3 to 4 never sent',
        processes: [producer],
      },
    ]);
  });

  test('lost: the last ones are given up, which the count tells', () => {
    const { builder, send, refuse, take, findCodes } = start();
    take(send(1));
    refuse();
    expect(findCodes('wait', { count: 2 })).toEqual(['lost: producer#1 gave up the item with number 2.']);
    expect(findCodes('wait')).toEqual([]);
    builder.end({ cause: 'deadlock', waits: [] });
    expect(findCodes('wait', { count: 2 })).toEqual([]);
  });

  test('lost: taken out by the one that sent it', () => {
    const { builder, producer, send, find } = start();
    builder.receive(producer, send(1));
    expect(find('wait')).toEqual([
      {
        code: 'lost',
        message: 'producer#1 took the item of type 1 {number: 1} out of queue A.',
        events: [3, 4],
        expected: WAIT,
        actual: 'a message was taken out of the queue',
        processes: [producer],
      },
    ]);
  });

  test('lost: left in the queue, or destroyed with it', () => {
    const { builder, producer, queue, send, find } = start();
    send(1);
    const left = {
      code: 'lost',
      message: 'Nobody received the item of type 1 {number: 1} that producer#1 had sent to queue A.',
      events: [3],
      expected: 'what is in the queue is received',
      actual: 'left in the queue',
      processes: [producer],
    };
    expect(find('wait')).toEqual([left]);
    builder.end({ cause: 'deadlock', waits: [] });
    expect(find('wait')).toEqual([]);
    builder.remove(producer, queue);
    expect(find('wait')).toEqual([{ ...left, events: [3, 4], actual: 'destroyed with the queue' }]);
  });

  test('peers may receive the items of one another', () => {
    const { builder, producer, send, find } = start();
    const other = builder.start('producer#2');
    builder.receive(producer, send(1, other));
    builder.receive(other, send(1));
    expect(find('wait', { to: 'producer' })).toEqual([]);
  });
});

describe('discard-newest', () => {
  test('is fine where what finds no room is given up, be it the last', () => {
    const { send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    refuse();
    for (const message of [first, second]) take(message);
    take(send(5));
    const more = [send(6), send(7)];
    refuse();
    for (const message of more) take(message);
    expect(find('discard-newest', { count: 8 })).toEqual([]);
  });

  test('is fine for one that looks whether there is room, and so is never refused', () => {
    const { builder, producer, queue, send, take, find } = start();
    const [first, second] = [send(1), send(2)];
    builder.call(producer, 'msgctl', { cmd: 'IPC_STAT' }, { queue });
    for (const message of [first, second]) take(message);
    take(send(4));
    expect(find('discard-newest')).toEqual([]);
  });

  test('lost: given up while there was room', () => {
    const { producer, send, take, find, findCodes } = start();
    take(send(1));
    take(send(3));
    expect(find('discard-newest')).toEqual([
      {
        code: 'lost',
        message: 'producer#1 gave up the item with number 2, while queue A had room.',
        events: [3, 5],
        expected: DISCARD,
        actual: 'the item with number 2 never sent',
        processes: [producer],
      },
    ]);
    expect(findCodes('discard-newest', { count: 4 })).toEqual([
      'lost: producer#1 gave up the item with number 2, while queue A had room.',
    ]);
  });

  test('a queue that the lab holds shorter than the kernel is full earlier', () => {
    const { send, take, findCodes } = start();
    const first = send(1);
    take(first);
    take(send(3));
    expect(findCodes('discard-newest', { capacity: { messages: 1 } })).toEqual([]);
    expect(findCodes('discard-newest', { capacity: { bytes: SIZE } })).toEqual([]);
    expect(findCodes('discard-newest', { capacity: { bytes: 2 * SIZE } })).toHaveLength(1);
  });

  test('a queue of as many messages as bytes is full, even if they are empty', () => {
    const { builder, producer, consumer, queue, send, take, findCodes } = start();
    take(send(1));
    builder.trace.queues[queue]!.maxBytes = 1;
    const empty = builder.send(producer, queue, 9);
    builder.receive(consumer, empty);
    take(send(3));
    expect(findCodes('discard-newest')).toEqual([]);
  });

  test('kept: refused, and sent again later', () => {
    const { producer, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    take(first);
    take(second);
    take(send(3));
    expect(find('discard-newest')).toEqual([
      {
        code: 'kept',
        message:
          'producer#1 sent the item of type 1 {number: 3} again after it had found no room, instead of giving it up.',
        events: [5, 8],
        expected: DISCARD,
        actual: 'refused, and sent again later',
        processes: [producer],
      },
    ]);
  });

  test('of sends that were made at the same time it is not known which was refused', () => {
    const { builder, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    const refused = refuse();
    take(first);
    const third = send(3);
    Object.assign(builder.trace.events[builder.trace.messages[third]!.sentAt!]!, { arrived: refused - 1 });
    for (const message of [second, third]) take(message);
    expect(find('discard-newest')).toEqual([]);
  });

  test('blocked: sleeps for room; but an end mark may', () => {
    const { builder, producer, send, take, find } = start();
    const [first, second] = [send(1), send(2)];
    take(first);
    const third = send(3);
    const { sentAt } = builder.trace.messages[third]!;
    Object.assign(builder.trace.events[sentAt!]!, { waited: true, arrived: 4 });
    take(second);
    take(third);
    const blocked = {
      code: 'blocked',
      message: 'producer#1 slept in msgsnd until there was room in queue A for the item of type 1 {number: 3}.',
      events: [4, 6],
      expected: DISCARD,
      actual: 'slept until there was room',
      processes: [producer],
    };
    expect(find('discard-newest')).toEqual([blocked]);
    expect(find('overwrite-oldest')).toEqual([{ ...blocked, expected: OVERWRITE }]);
    expect(find('wait')).toEqual([]);
    expect(find('discard-newest', { count: 2 })).toEqual([]);
    expect(find('discard-newest', { first: 4 })).toEqual([]);
  });
});

describe('overwrite-oldest', () => {
  test('is fine where the oldest makes room, though the other takes one meanwhile', () => {
    const { builder, producer, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    builder.receive(producer, first);
    const third = send(3);
    refuse();
    take(second);
    builder.receive(producer, third);
    take(send(4));
    expect(find('overwrite-oldest', { count: 4 })).toEqual([]);
  });

  test('is fine for one that looks whether there is room, and for one that overwrites what another sent', () => {
    const { builder, producer, queue, send, take, find } = start();
    const other = builder.start('producer#2');
    const [first, second] = [send(1, other), send(1)];
    builder.call(producer, 'msgctl', { cmd: 'IPC_STAT' }, { queue });
    builder.receive(producer, first);
    take(second);
    take(send(2));
    expect(find('overwrite-oldest', { from: 'producer', to: 'consumer' })).toEqual([]);
    expect(find('overwrite-oldest')).toEqual([]);
  });

  test('lost: the new one is given up instead', () => {
    const { producer, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    take(first);
    take(second);
    take(send(4));
    expect(find('overwrite-oldest')).toEqual([
      {
        code: 'lost',
        message: 'producer#1 gave up the item with number 3.',
        events: [4, 5, 8],
        expected: OVERWRITE,
        actual: 'the item with number 3 never sent',
        processes: [producer],
      },
    ]);
  });

  test('lost: one is taken out though there was room', () => {
    const { builder, producer, send, take, find } = start();
    const first = send(1);
    builder.receive(producer, first);
    take(send(2));
    expect(find('overwrite-oldest')).toEqual([
      {
        code: 'lost',
        message: 'producer#1 took the item of type 1 {number: 1} out of queue A, though there was room.',
        events: [3, 4],
        expected: OVERWRITE,
        actual: 'a message was taken out of a queue that was not full',
        processes: [producer],
      },
    ]);
  });

  test('kept: it only tries again until there is room; once more before it takes one out is no harm', () => {
    const { builder, producer, queue, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    refuse();
    take(first);
    const third = send(3);
    const tried = {
      code: 'kept',
      message:
        'producer#1 tried to send the item of type 1 {number: 3} until there was room, instead of taking out the oldest.',
      events: [5, 8],
      expected: OVERWRITE,
      actual: 'refused again and again, and nothing taken out',
      processes: [producer],
    };
    for (const message of [second, third]) take(message);
    expect(find('overwrite-oldest')).toEqual([tried]);
    Object.assign(builder.trace.events[6]!, { name: 'msgctl', error: undefined, queue });
    expect(find('overwrite-oldest')).toEqual([]);
  });

  test('kept: another than the oldest makes room', () => {
    const { builder, producer, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    builder.receive(producer, second);
    const third = send(3);
    take(first);
    take(third);
    expect(find('overwrite-oldest')).toEqual([
      {
        code: 'kept',
        message:
          'producer#1 took the item of type 1 {number: 2} out of queue A, while the older item of type 1 {number: 1} stayed.',
        events: [3, 4, 6],
        expected: OVERWRITE,
        actual: 'a newer message made room, and an older one stayed',
        processes: [producer],
      },
    ]);
  });
});

test('out-of-order: an item is kept back, and sent after later ones', () => {
  const { producer, send, take, find } = start();
  take(send(1));
  take(send(3));
  take(send(2));
  expect(find('discard-newest', { capacity: { messages: 1 } })).toEqual([
    {
      code: 'out-of-order',
      message:
        'consumer#1 received the item of type 1 {number: 3} before the item of type 1 {number: 2} of the same sender.',
      events: [6, 7, 8],
      expected: 'the items of a sender come in their order',
      actual: '2 after 3',
      processes: [producer],
    },
  ]);
});

test('senders number their items each for themselves', () => {
  const { builder, send, take, find } = start();
  const other = builder.start('producer#2');
  for (const message of [send(1), send(1, other)]) take(message);
  for (const message of [send(2, other), send(2)]) take(message);
  expect(find('wait', { count: 2 })).toEqual([]);
});

test('too-long: more than the lab lets the queue hold', () => {
  const { producer, send, take, find } = start();
  for (const message of [send(1), send(2)]) take(message);
  const tooLong = {
    code: 'too-long',
    message: 'producer#1 sent to queue A though it was full: it then held 2 messages, of 32 bytes.',
    events: [4],
    actual: 'more',
    processes: [producer],
  };
  expect(find('wait', { capacity: { messages: 1 } })).toEqual([{ ...tooLong, expected: 'at most 1 message' }]);
  expect(find('wait', { capacity: { bytes: 31 } })).toEqual([{ ...tooLong, expected: 'at most 31 bytes' }]);
  expect(find('wait', { capacity: { bytes: 32 } })).toEqual([]);
});

test('a run with a planned signal is skipped, or asked of those that it did not reach', () => {
  const { builder, producer, consumer, send, take, findCodes } = start();
  take(send(2));
  builder.signal(consumer);
  expect(findCodes('wait')).toEqual([]);
  expect(findCodes('wait', { signalled: 'unreached' })).toHaveLength(1);
  builder.signal(producer);
  expect(findCodes('wait', { signalled: 'unreached' })).toEqual([]);
  expect(findCodes('wait', { signalled: 'check' })).toHaveLength(1);
});
