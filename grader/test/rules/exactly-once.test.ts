import { exactlyOnce } from '../../src/rules/exactly-once.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const formats = { item: { mtype: { min: 1, max: 9 }, fields: { number: 'int' } } };

function start() {
  const builder = new TraceBuilder();
  const producer = builder.start('producer#1');
  const consumer = builder.start('consumer#1');
  return { builder, producer, consumer, queue: builder.queue(producer) };
}

test('each message received once by the right role is fine', () => {
  const { builder, producer, consumer, queue } = start();
  builder.receive(consumer, builder.send(producer, queue, 1, pack(5)));
  expect(
    check(exactlyOnce, builder.run(formats), { format: 'item', from: 'producer', to: 'consumer', count: 1 }),
  ).toEqual([]);
});

test('lost: destroyed with the queue', () => {
  const { builder, producer, queue } = start();
  builder.send(producer, queue, 1, pack(5));
  builder.remove(producer, queue);
  const lost = {
    code: 'lost',
    message:
      'Nobody received the item of type 1 {number: 5} that producer#1 sent to queue A; it was destroyed with the queue.',
    events: [3, 4],
    expected: 'received once',
    actual: 'never received',
    processes: [producer],
  };
  expect(check(exactlyOnce, builder.run(formats), { format: 'item' })).toEqual([lost]);
  builder.signal(producer);
  expect(check(exactlyOnce, builder.run(formats), { format: 'item' })).toEqual([]);
  expect(check(exactlyOnce, builder.run(formats), { format: 'item', signalled: 'check' })).toEqual([lost]);
});

test('a message that may still have come when we ended the run is not lost', () => {
  const { builder, producer, queue } = start();
  builder.send(producer, queue, 1, pack(5));
  builder.end({ cause: 'deadlock', waits: [] });
  expect(check(exactlyOnce, builder.run(formats), { format: 'item', count: 2 })).toEqual([]);
});

test('wrong-receiver and received-own', () => {
  const { builder, producer, consumer, queue } = start();
  const other = builder.start('other#1');
  builder.receive(other, builder.send(producer, queue, 1, pack(5)));
  builder.receive(consumer, builder.send(consumer, queue, 2, pack(6)));
  expect(check(exactlyOnce, builder.run(formats), { format: 'item', to: 'consumer' })).toEqual([
    {
      code: 'wrong-receiver',
      message: 'other#1 received the item of type 1 {number: 5} from producer#1, which was for a consumer.',
      events: [4, 5],
      expected: 'received by a consumer',
      actual: 'received by other#1',
      processes: [other],
    },
    {
      code: 'received-own',
      message: 'consumer#1 received the item of type 2 {number: 6} that it had sent itself.',
      events: [6, 7],
      expected: 'received by another process',
      actual: 'sent and received by consumer#1',
      processes: [consumer],
    },
  ]);
});

test('not-sent and extra: another number than the lab asks for', () => {
  const { builder, producer, consumer, queue } = start();
  builder.receive(consumer, builder.send(producer, queue, 1, pack(5)));
  expect(check(exactlyOnce, builder.run(formats), { format: 'item', from: 'producer', count: 2 })).toEqual([
    {
      code: 'not-sent',
      message: '1 item message was sent by the producer.',
      events: [3],
      expected: '2 sent',
      actual: '1 sent',
      processes: [],
    },
  ]);
  expect(check(exactlyOnce, builder.run(formats), { format: 'item', count: 0 })).toEqual([
    {
      code: 'extra',
      message: '1 item message was sent.',
      events: [3],
      expected: '0 sent',
      actual: '1 sent',
      processes: [],
    },
  ]);
});

test('messages that went with one queue are told once, also in a run that did not end', () => {
  const { builder, producer, queue } = start();
  builder.send(producer, queue, 1, pack(5));
  builder.send(producer, queue, 1, pack(6));
  builder.remove(producer, queue);
  builder.end({ cause: 'deadlock', waits: [] });
  expect(check(exactlyOnce, builder.run(formats), { format: 'item' })).toEqual([
    {
      code: 'lost',
      message:
        'Nobody received the item of type 1 {number: 5} that producer#1 sent to queue A, and 1 more; they were destroyed with the queue.',
      events: [3, 5],
      expected: 'received once',
      actual: 'never received',
      processes: [producer],
    },
  ]);
});

test('what a planned signal reached owes nothing; the others do, where the lab asks for it', () => {
  const { builder, producer, consumer, queue } = start();
  const other = builder.start('producer#2');
  builder.send(producer, queue, 1, pack(5));
  builder.send(other, queue, 2, pack(6));
  builder.signal(producer, 'killed');
  const lost = (signalled: string) =>
    check(exactlyOnce, builder.run(formats), { format: 'item', to: 'consumer', count: 3, signalled }).map(
      ({ code, processes }) => [code, processes],
    );
  expect(lost('skip')).toEqual([]);
  expect(lost('unreached')).toEqual([['lost', [other]]]);
  expect(lost('check')).toEqual([['lost', [producer]]]);
  builder.signal(consumer, 'killed');
  expect(lost('unreached')).toEqual([]);
});

test('an item that is sent again is received once: lost only if none of them arrived, twice if two did', () => {
  const { builder, producer, consumer, queue } = start();
  const rules = { format: 'item', key: ['number'] };
  const [first, again, other] = [5, 5, 6].map((number) => builder.send(producer, queue, 1, pack(number)));
  expect(check(exactlyOnce, builder.run(formats), rules).map(({ message }) => message)).toEqual([
    'Nobody received the item of type 1 {number: 5} that producer#1 sent to queue A, and 1 more.',
  ]);
  builder.receive(consumer, first!);
  builder.receive(consumer, other!);
  expect(check(exactlyOnce, builder.run(formats), rules)).toEqual([]);
  builder.receive(consumer, again!);
  const twice = {
    code: 'twice',
    message: 'consumer#1 received the item of type 1 {number: 5} of producer#1 twice.',
    events: [4, 6, 8],
    expected: 'each item is received once',
    actual: 'received twice',
    processes: [producer, consumer],
  };
  expect(check(exactlyOnce, builder.run(formats), rules)).toEqual([twice]);
  const second = builder.start('consumer#2');
  builder.trace.messages[again!]!.receiver = second;
  expect(check(exactlyOnce, builder.run(formats), rules)).toEqual([
    {
      ...twice,
      message: 'consumer#1 and consumer#2 both received the item of type 1 {number: 5} of producer#1.',
      processes: [producer, consumer, second],
    },
  ]);
});

describe('at least once, at most once', () => {
  const sure = { format: 'item', key: ['number'], delivery: 'at-least', signalled: 'check' };

  test('at least once: an item may come twice, and must come', () => {
    const { builder, producer, consumer, queue } = start();
    const [first, again] = [5, 5].map((number) => builder.send(producer, queue, 1, pack(number)));
    builder.receive(consumer, first!);
    builder.receive(consumer, again!);
    expect(check(exactlyOnce, builder.run(formats), sure)).toEqual([]);
    builder.send(producer, queue, 1, pack(6));
    expect(check(exactlyOnce, builder.run(formats), sure).map(({ code }) => code)).toEqual(['lost']);
  });

  test('at most once: an item may be lost, and must not come twice', () => {
    const { builder, producer, consumer, queue } = start();
    const rules = { ...sure, delivery: 'at-most', done: { output: 'got {number}' } };
    const [first, again] = [5, 5, 6].map((number) => builder.send(producer, queue, 1, pack(number)));
    builder.receive(consumer, first!);
    expect(check(exactlyOnce, builder.run(formats), rules)).toEqual([]);
    builder.receive(consumer, again!);
    expect(check(exactlyOnce, builder.run(formats), { ...sure, delivery: 'at-most' }).map(({ code }) => code)).toEqual([
      'twice',
    ]);
  });

  test('not-done: at least once means again, if the receiver was killed before it could do anything', () => {
    const { builder, producer, consumer, queue } = start();
    const other = builder.start('consumer#2');
    builder.receive(consumer, builder.send(producer, queue, 1, pack(5)));
    builder.signal(consumer, 'killed');
    builder.die(consumer, 'SIGKILL');
    expect(check(exactlyOnce, builder.run(formats), sure)).toEqual([
      {
        code: 'not-done',
        message:
          'consumer#1 received the item of type 1 {number: 5} of producer#1 and was killed before it had worked on it; nobody else did.',
        events: [4, 5, 7],
        expected: 'sent again, to one that is alive',
        actual: 'received only',
        processes: [consumer],
      },
    ]);
    expect(check(exactlyOnce, builder.run(formats), { ...sure, delivery: 'exactly' })).toEqual([]);
    expect(check(exactlyOnce, builder.run(formats), { ...sure, signalled: 'unreached' })).toEqual([]);
    builder.end({ cause: 'deadlock', waits: [] });
    expect(check(exactlyOnce, builder.run(formats), sure)).toEqual([]);
    builder.end({ cause: 'completed', waits: [] });
    builder.receive(other, builder.send(producer, queue, 1, pack(5)));
    expect(check(exactlyOnce, builder.run(formats), sure)).toEqual([]);
  });

  test('one that was killed later may have worked on it before', () => {
    const { builder, producer, consumer, queue } = start();
    builder.receive(consumer, builder.send(producer, queue, 1, pack(5)));
    builder.print(consumer, 'got 5\n');
    builder.die(consumer, 'SIGKILL');
    expect(check(exactlyOnce, builder.run(formats), sure)).toEqual([]);
  });
});

describe('what shows that an item was worked on', () => {
  const printing = { format: 'item', key: ['number'], done: { output: 'got {number}' } };

  test('a second copy that is received and dropped is fine; one that is worked on is not', () => {
    const { builder, producer, consumer, queue } = start();
    const [first, again] = [5, 5].map((number) => builder.send(producer, queue, 1, pack(number)));
    builder.receive(consumer, first!);
    builder.print(consumer, 'got 5\n');
    builder.receive(consumer, again!);
    expect(check(exactlyOnce, builder.run(formats), printing)).toEqual([]);
    builder.print(consumer, 'got 5\n');
    expect(check(exactlyOnce, builder.run(formats), printing)).toEqual([
      {
        code: 'twice',
        message: 'consumer#1 worked on the item of type 1 {number: 5} of producer#1 twice.',
        events: [3, 6, 8],
        expected: 'each item is worked on once',
        actual: 'worked on twice',
        processes: [producer, consumer],
      },
    ]);
  });

  test('not-done: received, and no sign of work', () => {
    const { builder, producer, consumer, queue } = start();
    for (const number of [5, 6]) builder.receive(consumer, builder.send(producer, queue, 1, pack(number)));
    builder.print(consumer, 'got 7\n');
    expect(check(exactlyOnce, builder.run(formats), printing)).toEqual([
      {
        code: 'not-done',
        message:
          'consumer#1 received the item of type 1 {number: 5} of producer#1 and never worked on it (and 1 more).',
        events: [3, 4],
        expected: 'received and worked on',
        actual: 'received only',
        processes: [consumer],
      },
    ]);
  });

  test('may be a message; two senders may use the same numbers', () => {
    const { builder, producer, consumer, queue } = start();
    const sending = { ...printing, done: { send: 'result', match: { number: 'of' } } };
    const all = { ...formats, result: { mtype: { min: 10 }, fields: { of: 'int' } } };
    const other = builder.start('producer#2');
    for (const sender of [producer, other]) {
      builder.receive(consumer, builder.send(sender, queue, 1, pack(5)));
      builder.send(consumer, queue, 10, pack(5));
    }
    expect(check(exactlyOnce, builder.run(all), sending)).toEqual([]);
    builder.send(consumer, queue, 10, pack(6));
    expect(check(exactlyOnce, builder.run(all), sending)).toEqual([]);
    builder.send(consumer, queue, 10, pack(5));
    expect(check(exactlyOnce, builder.run(all), sending).map(({ message }) => message)).toEqual([
      'consumer#1 worked on the item of type 1 {number: 5} of producer#1 twice.',
    ]);
  });
});
