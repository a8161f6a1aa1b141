// Cases at the edges of drop-policy: whose attempts count, since when, and for which item there was room.
import { dropPolicy } from '../../src/rules/drop-policy.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const formats = { item: { mtype: { min: 1, max: 1 }, fields: { number: 'int' } } };
const SIZE = 16;

/** A queue for two items. The first producer is not the first process of the trace. */
function start() {
  const builder = new TraceBuilder();
  const [consumer, producer, other] = ['consumer#1', 'producer#1', 'producer#2'].map((name) => builder.start(name)) as [
    number,
    number,
    number,
  ];
  const queue = builder.queue(consumer); // event 3
  const setRoom = (maxBytes: number) => Object.assign(builder.trace.queues[queue]!, { maxBytes });
  setRoom(2 * SIZE);
  const send = (number: number, from = producer, sizeBytes = SIZE) =>
    builder.send(from, queue, 1, Buffer.concat([pack(number), Buffer.alloc(sizeBytes - SIZE)]));
  const refuse = (from = producer) => builder.call(from, 'msgsnd', { mtype: 1 }, { queue, error: 'EAGAIN' });
  const take = (message: number, by = consumer) => builder.receive(by, message);
  const find = (policy: string, parameters: object = {}) =>
    check(dropPolicy, builder.run(formats), { policy, format: 'item', number: 'number', ...parameters }).map(
      ({ code, message, events }) => [code, message, events],
    );
  return { builder, consumer, producer, other, queue, setRoom, send, refuse, take, find };
}
type Parts = ReturnType<typeof start>;

describe('to try again until there is room', () => {
  /** Refused twice; what happens before, in between, and after is the test's. */
  const codes = (acts: {
    before?: (parts: Parts) => void;
    between?: (parts: Parts) => void;
    after?: (parts: Parts) => void;
  }) => {
    const parts = start();
    const [first, second] = [parts.send(1), parts.send(2)];
    acts.before?.(parts);
    parts.refuse();
    acts.between?.(parts);
    parts.refuse();
    parts.take(first);
    const third = parts.send(3);
    acts.after?.(parts);
    for (const message of [second, third]) parts.take(message);
    return parts.find('overwrite-oldest').map(([code]) => code);
  };
  const look = ({ builder, producer, queue }: Parts) =>
    builder.call(producer, 'msgctl', { cmd: 'IPC_STAT' }, { queue });
  const receive = ({ builder, producer, queue }: Parts) =>
    builder.call(producer, 'msgrcv', {}, { queue, error: 'ENOMSG' });

  test('is no harm if it looked, or tried to take one out, in between', () => {
    expect(codes({ between: look })).toEqual([]);
    expect(codes({ between: receive })).toEqual([]);
  });

  test('is told if it did so only before or after, to another queue, did something else, or another did it', () => {
    expect(codes({})).toEqual(['kept']);
    expect(codes({ before: look })).toEqual(['kept']);
    expect(codes({ after: receive })).toEqual(['kept']);
    expect(codes({ between: ({ builder, producer }) => builder.queue(producer) })).toEqual(['kept']);
    const elsewhere = ({ builder, producer, consumer }: Parts) =>
      builder.call(producer, 'msgctl', { cmd: 'IPC_STAT' }, { queue: builder.queue(consumer) });
    expect(codes({ between: elsewhere })).toEqual(['kept']);
    expect(
      codes({ between: ({ builder, consumer, queue }) => builder.call(consumer, 'msgctl', {}, { queue }) }),
    ).toEqual(['kept']);
  });

  test('once is no harm, and after the last item it is about something else', () => {
    const { send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    take(first);
    const third = send(3);
    for (const message of [second, third]) take(message);
    refuse();
    refuse();
    expect(find('overwrite-oldest', { count: 3 })).toEqual([]);
  });
});

describe('given up', () => {
  test('the first items: shown with the start of their sender; the last ones: with what was refused', () => {
    const { producer, send, refuse, take, find } = start();
    const second = send(2);
    take(second); // event 5
    const refused = refuse();
    expect(find('wait')).toEqual([['lost', 'producer#1 gave up the item with number 1.', [producer, 4]]]);
    expect(find('wait', { first: 2, count: 3 })).toEqual([
      ['lost', 'producer#1 gave up the items with number 3 to 4.', [4, refused]],
    ]);
  });

  test('is asked of each sender by its own items', () => {
    const { other, send, take, find } = start();
    for (const [number, from] of [[1], [1, other], [2], [3, other], [3], [4, other], [7]] as const)
      take(send(number, from));
    expect(find('wait').map(([, message]) => message)).toEqual([
      'producer#1 gave up the items with number 4 to 6.',
      'producer#2 gave up the item with number 2.',
    ]);
  });

  test('a refusal shows that there was no room, whatever the trace says of the queue', () => {
    const { setRoom, send, refuse, take, find } = start();
    setRoom(100 * SIZE);
    take(send(1));
    refuse();
    take(send(3));
    expect(find('discard-newest')).toEqual([]);
    take(send(5));
    expect(find('discard-newest').map(([, message]) => message)).toEqual([
      'producer#1 gave up the item with number 4, while queue A had room.',
    ]);
  });

  test('an item that is sent twice changes nothing about those that follow', () => {
    const { send, refuse, take, find } = start();
    take(send(1));
    refuse();
    take(send(1));
    take(send(3));
    expect(find('discard-newest')).toEqual([]);
  });
});

describe('taken out though there was room', () => {
  const told = (message: string, events: number[]) => [
    ['lost', `${message} out of queue A, though there was room.`, events],
  ];

  test('is told if it was full only before the last send of the taker', () => {
    const { producer, send, take, find } = start();
    for (const message of [send(1), send(2)]) take(message);
    const third = send(3);
    const taken = take(third, producer);
    take(send(4));
    expect(find('overwrite-oldest')).toEqual(
      told('producer#1 took the item of type 1 {number: 3}', [taken - 1, taken]),
    );
  });

  test('is told of a second one that is taken out for one refusal', () => {
    const { producer, send, refuse, take, find } = start();
    const [first, second] = [send(1), send(2)];
    refuse();
    take(first, producer);
    const taken = take(second, producer);
    take(send(3));
    expect(find('overwrite-oldest')).toEqual(told('producer#1 took the item of type 1 {number: 2}', [5, taken]));
  });

  test('is not told if it was full since the taker’s last call, though others have emptied and filled it since', () => {
    const { producer, other, send, take, find } = start();
    const own = send(1);
    const foreign = send(1, other);
    for (const message of [own, foreign]) take(message);
    take(send(2, other), producer);
    take(send(2));
    take(send(3, other));
    expect(find('overwrite-oldest', { to: 'consumer' })).toEqual([]);
  });

  test('is not told if the item that comes next, of the same sender, would not have fitted', () => {
    const { producer, other, send, take, find } = start();
    take(send(1), producer);
    take(send(1, other));
    take(send(2, producer, SIZE + 1));
    expect(find('overwrite-oldest')).toEqual([]);
    const same = start();
    const taken = same.take(same.send(1), same.producer);
    same.take(same.send(1, same.other, SIZE + 1));
    same.take(same.send(2));
    expect(same.find('overwrite-oldest')).toEqual(
      told('producer#1 took the item of type 1 {number: 1}', [taken - 1, taken]),
    );
  });

  test('is not told after a refusal, whatever the trace says of the queue', () => {
    const { producer, setRoom, send, refuse, take, find } = start();
    setRoom(100 * SIZE);
    const first = send(1);
    refuse();
    take(first, producer);
    take(send(2));
    expect(find('overwrite-oldest')).toEqual([]);
  });
});

describe('out-of-order', () => {
  test('is told of items in the order of their receives, whatever the order of sending', () => {
    const { send, take, find } = start();
    const [first, second] = [send(1), send(2)];
    const received = [take(second), take(first)];
    expect(find('wait')).toEqual([
      [
        'out-of-order',
        'consumer#1 received the item of type 1 {number: 2} before the item of type 1 {number: 1} of the same sender.',
        [4, ...received],
      ],
    ]);
  });

  test('is not told of two senders, nor of an item that comes twice', () => {
    const { other, send, take, find } = start();
    for (const message of [send(1, other), send(2, other)]) take(message);
    take(send(1));
    take(send(1));
    expect(find('wait')).toEqual([]);
  });
});

test('too-long: the limit in several messages', () => {
  const { builder, queue, send, take } = start();
  builder.trace.queues[queue]!.maxBytes = 3 * SIZE;
  for (const message of [send(1), send(2), send(3)]) take(message);
  const capacity = { messages: 2 };
  const found = check(dropPolicy, builder.run(formats), { policy: 'wait', format: 'item', number: 'number', capacity });
  expect(found.map(({ code, expected }) => [code, expected])).toEqual([['too-long', 'at most 2 messages']]);
});
