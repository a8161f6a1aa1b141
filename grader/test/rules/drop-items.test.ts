// Which messages are items, who received them, and which refusals belong to one: what drop-policy counts with.
import type { Formats } from '../../src/model/run.js';
import { getItems, getReceived, getRefusals, isOverlapping } from '../../src/rules/drop-items.js';
import { pack, TraceBuilder } from './trace-builder.js';

const FORMATS: Formats = {
  item: { mtype: { min: 1, max: 2 }, fields: { number: 'int', text: 'char[4]' } },
  note: { mtype: { min: 3, max: 3 }, fields: { number: 'int' } },
};
const SELECTION = { format: 'item', number: 'number', first: 1 };

function start() {
  const builder = new TraceBuilder();
  const [producer, consumer] = [builder.start('producer#1'), builder.start('consumer#1')];
  const queue = builder.queue(producer);
  const send = (number: number, from = producer, mtype = 1) => builder.send(from, queue, mtype, pack(number));
  const items = (more: object = {}) => getItems(builder.run(FORMATS), { ...SELECTION, ...more });
  const received = (to?: string) => getReceived(builder.run(FORMATS), items(), to).map(({ number }) => number);
  return { builder, producer, consumer, queue, send, items, received };
}

describe('items', () => {
  test('are numbered messages of the format that a program sent', () => {
    const { builder, producer, queue, send, items } = start();
    const whole = send(1);
    send(2, producer, 3); // a note has a number, too
    builder.send(producer, queue, 1, new Uint8Array(2)); // the number is cut off
    const given = send(3);
    Object.assign(builder.trace.messages[given]!, { sender: null, sentAt: null });
    const { sentAt } = builder.trace.messages[whole]!;
    expect(items()).toEqual([
      {
        ...builder.trace.messages[whole]!,
        index: whole,
        format: 'item',
        fields: { number: 1, text: '' },
        number: 1,
        sender: producer,
        sentAt,
      },
    ]);
    expect(items({ number: 'text' })).toEqual([]);
  });

  test('have a number of the first on, up to as many as are counted', () => {
    const { send, items } = start();
    for (const number of [0, 1, 2, 3, 4]) send(number);
    const numbers = (more: object) => items(more).map(({ number }) => number);
    expect(numbers({})).toEqual([1, 2, 3, 4]);
    expect(numbers({ count: 2 })).toEqual([1, 2]);
    expect(numbers({ first: 0, count: 2 })).toEqual([0, 1]);
    expect(numbers({ first: 2, count: 2 })).toEqual([2, 3]);
  });

  test('come from the role that is named, or from every role', () => {
    const { consumer, send, items } = start();
    send(1);
    send(2, consumer);
    expect(items().map(({ number }) => number)).toEqual([1, 2]);
    expect(items({ from: 'producer' }).map(({ number }) => number)).toEqual([1]);
    expect(items({ from: 'nobody' })).toEqual([]);
  });

  test('stand in the order of their sending, however the trace lists them', () => {
    const { builder, send, items } = start();
    for (const number of [1, 2, 3]) send(number);
    builder.trace.messages.reverse();
    expect(items().map(({ number }) => number)).toEqual([1, 2, 3]);
  });
});

describe('an item is received', () => {
  test('by a process that sends none; not by its sender, not by another sender', () => {
    const { builder, producer, consumer, send, received } = start();
    const other = builder.start('producer#2');
    const [own, stolen, right] = [send(1), send(2, other), send(3)];
    send(4);
    builder.receive(producer, own);
    builder.receive(producer, stolen);
    builder.receive(consumer, right);
    expect(received()).toEqual([3]);
  });

  test('by the role that is named, be it one that sends; never by its own sender', () => {
    const { builder, producer, consumer, send, received } = start();
    const other = builder.start('producer#2');
    const [own, ofPeer, consumed] = [send(1), send(2, other), send(3)];
    builder.receive(producer, own);
    builder.receive(producer, ofPeer);
    builder.receive(consumer, consumed);
    expect(received('producer')).toEqual([2]);
    expect(received('consumer')).toEqual([3]);
  });
});

test('an item was refused by sends of its sender, of its type and to its queue that found no room, between two events', () => {
  const { builder, producer, consumer, queue, send, items } = start();
  const other = builder.queue(producer);
  const refuse = (from: number, to: number, mtype: number, error: string) =>
    builder.call(from, 'msgsnd', { mtype }, { queue: to, error });
  const earliest = refuse(producer, queue, 1, 'EAGAIN');
  const right = refuse(producer, queue, 1, 'EAGAIN');
  refuse(consumer, queue, 1, 'EAGAIN');
  refuse(producer, other, 1, 'EAGAIN');
  refuse(producer, queue, 2, 'EAGAIN');
  refuse(producer, queue, 1, 'EINTR');
  builder.call(producer, 'msgrcv', { mtype: 1 }, { queue, error: 'EAGAIN' });
  const latest = refuse(producer, queue, 1, 'EAGAIN');
  send(1);
  const [item] = items();
  const refusals = (after: number, before: number) =>
    getRefusals(builder.run(FORMATS), item!, after, before).map(({ seq }) => seq);
  expect(refusals(earliest, latest)).toEqual([right]);
  expect(refusals(-1, Infinity)).toEqual([earliest, right, latest]);
});

test('sends overlap if one process began the next before the last one ended', () => {
  const overlap = (...arrived: number[]): boolean => {
    const { builder, producer, queue } = start();
    builder.start('consumer#2');
    for (const at of arrived) builder.call(producer, 'msgsnd', { mtype: 1 }, { queue, arrived: at }); // events 4, 5 …
    return isOverlapping(builder.run(FORMATS), producer);
  };
  expect(overlap(3)).toBe(false);
  expect(overlap(3, 4)).toBe(false);
  expect(overlap(2, 3)).toBe(true);
});
