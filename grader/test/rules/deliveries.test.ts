// What shows that an item was worked on, which of several equal items it was, and who was killed too early to work.
import type { Formats } from '../../src/model/run.js';
import { type Done, getDeliveries, isCutOff } from '../../src/rules/deliveries.js';
import { pack, TraceBuilder } from './trace-builder.js';

const FORMATS: Formats = {
  item: { mtype: { min: 1, max: 1 }, fields: { number: 'int', owner: 'int' } },
  bill: { mtype: { min: 2, max: 2 }, fields: { of: 'int', for: 'int' } },
  note: { mtype: { min: 3, max: 3 }, fields: { of: 'int', for: 'int' } },
};
const BILL: Done = { send: 'bill', match: { number: 'of', owner: 'for' } };
const LINE: Done = { output: 'done {number} of {owner}' };

function start() {
  const builder = new TraceBuilder();
  const [producer, consumer] = [builder.start('producer#1'), builder.start('consumer#1')];
  const queue = builder.queue(producer);
  const send = (number: number, owner = 0) => builder.send(producer, queue, 1, pack(number, owner));
  const bill = (of: number, owner = 0, from = consumer, mtype = 2) =>
    builder.trace.messages[builder.send(from, queue, mtype, pack(of, owner))]!.sentAt!;
  /** By items, each a list of its copies: when and by whom each was delivered, and which of the copies it was. */
  const deliver = (items: number[][], done?: Done) => {
    const run = builder.run(FORMATS);
    const copies = items.map((item) => item.map((index) => run.messages[index]!));
    return getDeliveries(run, copies, done).map((line) =>
      line.map(({ seq, process, message }) => [seq, process, message.index]),
    );
  };
  return { builder, producer, consumer, queue, send, bill, deliver };
}

test('where nothing else shows it, each receive of a copy is a delivery, in the order of receiving', () => {
  const { builder, producer, consumer, send, deliver } = start();
  const [one, again, other] = [send(1), send(1), send(2)];
  const second = builder.receive(consumer, again);
  const first = builder.receive(producer, one);
  expect(deliver([[one, again], [other]])).toEqual([
    [
      [second, consumer, again],
      [first, producer, one],
    ],
    [],
  ]);
});

describe('a message that is sent', () => {
  test('shows the work of a process that had received the item before, or of a relative of it by fork', () => {
    const { builder, producer, consumer, send, bill, deliver } = start();
    const child = builder.fork(consumer);
    const [one, two] = [send(1), send(2)];
    bill(1); // not received yet
    builder.receive(consumer, one);
    bill(2); // never received
    bill(1, 0, producer); // of another family
    const shown = bill(1);
    const byChild = bill(1, 0, child);
    expect(deliver([[one], [two]], BILL)).toEqual([
      [
        [shown, consumer, one],
        [byChild, child, one],
      ],
      [],
    ]);
  });

  test('is one of that format, from a program, in which all fields agree that the item has', () => {
    const { builder, consumer, queue, send, bill, deliver } = start();
    const whole = send(1, 5);
    const short = builder.send(consumer, queue, 1, pack(1).subarray(0, 4)); // an item without owner
    builder.receive(consumer, whole);
    builder.receive(consumer, short);
    bill(1, 5, consumer, 3); // a note
    bill(1, 6);
    bill(2, 5);
    builder.send(consumer, queue, 2, pack(1).subarray(0, 4)); // a bill without its end
    bill(1, 5);
    Object.assign(builder.trace.messages.at(-1)!, { sender: null, sentAt: null });
    expect(deliver([[whole], [short]], BILL)).toEqual([[], []]);
    const shown = bill(1, 5);
    expect(deliver([[whole], [short]], BILL)).toEqual([[[shown, consumer, whole]], []]);
  });

  test('counts when it was sent, however the trace lists it', () => {
    const { builder, consumer, send, bill, deliver } = start();
    const item = send(1);
    builder.receive(consumer, item);
    const times = [bill(1), bill(1)];
    builder.trace.messages.push(...builder.trace.messages.splice(1).toReversed());
    expect(deliver([[item]], BILL)).toEqual([times.map((seq) => [seq, consumer, item])]);
  });
});

describe('a line that is printed', () => {
  test('shows the work if it is exactly the line with the fields of the item, alone or among others', () => {
    const { builder, consumer, send, deliver } = start();
    const [one, two] = [send(1, 7), send(2, 7)];
    builder.receive(consumer, one);
    builder.receive(consumer, two);
    builder.print(consumer, 'done 1 of 8\nalmost done 1 of 7\ndone 1 of 7!\n');
    const shown = builder.print(consumer, 'hello\r\ndone 2 of 7\r\ndone 1 of 7');
    expect(deliver([[one], [two]], LINE)).toEqual([[[shown, consumer, one]], [[shown, consumer, two]]]);
    expect(deliver([[one]], { output: 'done {number} of {nobody}' })).toEqual([[]]);
    const braces = builder.print(consumer, 'done {nobody}');
    expect(deliver([[one]], { output: 'done {nobody}' })).toEqual([[[braces, consumer, one]]]);
  });

  test('of items that look the same, means one that was not worked on, if there is one', () => {
    const { builder, consumer, send, deliver } = start();
    const [one, two] = [send(1, 7), send(1, 7)];
    builder.receive(consumer, one);
    builder.receive(consumer, two);
    const shown = [1, 2, 3].map(() => builder.print(consumer, 'done 1 of 7\n'));
    expect(deliver([[one], [two]], LINE)).toEqual([
      [
        [shown[0], consumer, one],
        [shown[2], consumer, one],
      ],
      [[shown[1], consumer, two]],
    ]);
  });

  test('after an item came twice, is told of the copy that had come by then', () => {
    const { builder, consumer, send, deliver } = start();
    const [one, again] = [send(1, 7), send(1, 7)];
    builder.receive(consumer, again);
    const shown = builder.print(consumer, 'done 1 of 7');
    builder.receive(consumer, one);
    expect(deliver([[one, again]], LINE)).toEqual([[[shown, consumer, again]]]);
  });
});

describe('a receive was cut off', () => {
  const cutOff = (then: (builder: TraceBuilder, consumer: number, producer: number) => void): boolean => {
    const { builder, producer, consumer, send } = start();
    const item = send(1);
    builder.call(consumer, 'wait');
    builder.print(consumer, 'ready\n');
    builder.receive(consumer, item);
    then(builder, consumer, producer);
    return isCutOff(builder.run(FORMATS), builder.run(FORMATS).messages[item]!);
  };

  test('if the process was killed, and had neither called nor printed since; what others do is theirs', () => {
    expect(cutOff((builder, consumer) => builder.die(consumer, 'SIGKILL'))).toBe(true);
    expect(
      cutOff((builder, consumer, producer) => {
        builder.print(producer, 'hello');
        builder.call(producer, 'wait');
        builder.signal(consumer, 'killed', 'scenario', 'after', 'SIGKILL');
        builder.die(consumer, 'SIGKILL');
      }),
    ).toBe(true);
  });

  test('not if it lived on, ended by itself, or did anything before it was killed', () => {
    expect(cutOff(() => undefined)).toBe(false);
    expect(cutOff((builder, consumer) => builder.exit(consumer))).toBe(false);
    const after = (act: (builder: TraceBuilder, consumer: number) => void) =>
      cutOff((builder, consumer) => {
        act(builder, consumer);
        builder.die(consumer, 'SIGKILL');
      });
    expect(after((builder, consumer) => builder.call(consumer, 'wait'))).toBe(false);
    expect(after((builder, consumer) => builder.print(consumer, 'done'))).toBe(false);
  });

  test('not if nobody received it', () => {
    const { builder, consumer, send } = start();
    const item = send(1);
    builder.die(consumer, 'SIGKILL');
    const run = builder.run(FORMATS);
    expect(isCutOff(run, run.messages[item]!)).toBe(false);
  });
});
