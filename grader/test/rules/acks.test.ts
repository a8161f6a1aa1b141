// Which acknowledgement belongs to which message, and what is wrong with those that belong to none.
import type { Formats } from '../../src/model/run.js';
import { isSame, pairAcks, standsFor } from '../../src/rules/acks.js';
import { pack, TraceBuilder } from './trace-builder.js';

const FORMATS: Formats = {
  data: { mtype: { min: 1, max: 1 }, fields: { number: 'int', owner: 'int' } },
  ack: { mtype: { min: 2 }, fields: { of: 'int', to: 'int' } },
};
const PAIRING = { format: 'data', ack: 'ack', match: { number: 'of', owner: 'to' }, resend: false };

function start() {
  const builder = new TraceBuilder();
  const [sender, receiver] = [builder.start('sender#1'), builder.start('receiver#1')];
  const queue = builder.queue(sender);
  const send = (number: number, from = sender) => builder.send(from, queue, 1, pack(number));
  const acknowledge = (of: number, from = receiver, mtype = 2) => builder.send(from, queue, mtype, pack(of));
  const take = (message: number, by = receiver) => builder.receive(by, message);
  const pair = (more: object = {}) => {
    const { answered, stray, unanswered } = pairAcks(builder.run(FORMATS), { ...PAIRING, ...more });
    return {
      answered: answered.map(({ message, ack }) => [message.index, ack.index]),
      stray: stray.map((each) => [
        each.code,
        each.ack.index,
        each.message?.index ?? null,
        ...(each.code === 'twice' ? [each.first.index] : []),
      ]),
      unanswered: unanswered.map(({ index }) => index),
    };
  };
  return { builder, sender, receiver, queue, send, acknowledge, take, pair };
}

test('a process stands for itself and for its relatives by fork, but not for the other party', () => {
  const builder = new TraceBuilder();
  const [parent, stranger] = [builder.start('server#1'), builder.start('client#1')];
  const [child, sister] = [builder.fork(parent), builder.fork(parent)];
  const stands = (process: number, whom: number, other: number) => standsFor(builder.run(), process, whom, other);
  expect([stands(child, child, child), stands(child, parent, stranger), stands(child, sister, parent)]).toEqual([
    true,
    true,
    true,
  ]);
  expect([stands(child, parent, child), stands(stranger, parent, child)]).toEqual([false, false]);
});

test('what the scenario sent is neither a message to be acknowledged, nor an acknowledgement', () => {
  const { builder, send, acknowledge, take, pair } = start();
  const [given, own] = [send(1), send(2)];
  take(given);
  take(own);
  const givenAck = acknowledge(2);
  for (const index of [given, givenAck]) Object.assign(builder.trace.messages[index]!, { sender: null, sentAt: null });
  expect(pair()).toEqual({ answered: [], stray: [], unanswered: [own] });
});

test('a field that the message does not have matches nothing', () => {
  const { builder, sender, receiver, queue, take, pair } = start();
  const short = builder.send(sender, queue, 1, pack(1).subarray(0, 4));
  take(short);
  const shortAck = builder.send(receiver, queue, 2, pack(1).subarray(0, 4));
  expect(pair()).toEqual({ answered: [], stray: [['wrong', shortAck, short]], unanswered: [] });
  expect(pair({ match: { number: 'of' } })).toEqual({ answered: [[short, shortAck]], stray: [], unanswered: [] });
});

describe('of several messages that an acknowledgement fits', () => {
  /** Both have sent a message with number 1; that of the second was received first. */
  function sendBoth() {
    const parts = start();
    const second = parts.builder.start('sender#2');
    const [one, two] = [parts.send(1), parts.send(1, second)];
    parts.take(two);
    parts.take(one);
    return { ...parts, second, one, two };
  }

  test('it is the one whose sender it is addressed to, whoever takes it', () => {
    const { builder, acknowledge, second, receiver, take, pair, one, two } = sendBoth();
    const ack = acknowledge(1, receiver, builder.trace.processes[0]!.pid);
    take(ack, second);
    expect(pair()).toEqual({ answered: [[one, ack]], stray: [], unanswered: [two] });
  });

  test('or else the one whose sender took it', () => {
    const { sender, acknowledge, take, pair, one, two } = sendBoth();
    const ack = acknowledge(1);
    take(ack, sender);
    expect(pair()).toEqual({ answered: [[one, ack]], stray: [], unanswered: [two] });
  });

  test('or else the one that was received first', () => {
    const { acknowledge, pair, one, two } = sendBoth();
    const ack = acknowledge(1);
    expect(pair()).toEqual({ answered: [[two, ack]], stray: [], unanswered: [one] });
  });
});

test('they are paired in the order of sending, however the trace lists them', () => {
  const { builder, send, acknowledge, take, pair } = start();
  const message = send(1);
  take(message);
  const [first, again] = [acknowledge(1), acknowledge(1)];
  builder.trace.messages.push(...builder.trace.messages.splice(1).toReversed());
  // Listed the other way round, each has the other's place.
  expect(pair()).toEqual({ answered: [[message, again]], stray: [['twice', first, message, again]], unanswered: [] });
});

describe('an acknowledgement that is left over', () => {
  test('is a second one only of a message with its number that was acknowledged before; the last of these', () => {
    const { send, acknowledge, take, pair } = start();
    const early = acknowledge(1);
    const acknowledged = [1, 2, 1].map((number) => {
      const message = send(number);
      take(message);
      return [message, acknowledge(number)] as const;
    });
    const again = acknowledge(1);
    const foreign = acknowledge(7);
    expect(pair()).toEqual({
      answered: acknowledged,
      stray: [
        ['wrong', early, null],
        ['twice', again, ...acknowledged[2]!],
        ['wrong', foreign, null],
      ],
      unanswered: [],
    });
  });

  test('is no second one if another process sends it', () => {
    const { builder, send, acknowledge, take, pair } = start();
    const message = send(1);
    take(message);
    const ack = acknowledge(1);
    const byOther = acknowledge(1, builder.start('receiver#2'));
    expect(pair()).toEqual({ answered: [[message, ack]], stray: [['wrong', byOther, null]], unanswered: [] });
  });

  test('came early if it is for a message that was sent, and not yet received, by who sends it', () => {
    const { sender, send, acknowledge, take, pair } = start();
    const tooEarly = acknowledge(1);
    const message = send(1);
    const byItself = acknowledge(1, sender);
    const early = acknowledge(1);
    expect(pair()).toEqual({
      answered: [],
      stray: [
        ['wrong', tooEarly, null],
        ['wrong', byItself, null],
        ['early', early, message],
      ],
      unanswered: [],
    });
    take(message); // and owes no other
    expect(pair()).toEqual({
      answered: [],
      stray: [
        ['wrong', tooEarly, null],
        ['wrong', byItself, null],
        ['early', early, message],
      ],
      unanswered: [],
    });
  });

  test('is not early if another process received the message later, or had received it before', () => {
    const { builder, send, acknowledge, take, pair } = start();
    const other = builder.start('receiver#2');
    const [before, after] = [send(1), send(2)];
    take(before, other);
    const acks = [acknowledge(1), acknowledge(2)];
    take(after, other);
    expect(pair()).toEqual({
      answered: [],
      stray: acks.map((ack) => ['wrong', ack, null]),
      unanswered: [before, after],
    });
  });

  test('is told of a message that its sender had, and which then owes no other', () => {
    const { send, acknowledge, take, pair } = start();
    const [one, two] = [send(1), send(2)];
    take(one);
    const wrong = acknowledge(3);
    take(two);
    expect(pair()).toEqual({ answered: [], stray: [['wrong', wrong, one]], unanswered: [two] });
  });
});

test('the same is what one sender sends to one queue with one type and one content', () => {
  const { builder, sender, receiver, queue, send } = start();
  const other = builder.queue(sender);
  const first = send(1);
  const same = [first, send(1)];
  const different = [
    send(2),
    send(1, receiver),
    builder.send(sender, other, 1, pack(1)),
    builder.send(sender, queue, 2, pack(1)),
  ];
  const { messages } = builder.run(FORMATS);
  const isLikeFirst = (index: number): boolean => isSame(messages[first]!, messages[index]!);
  expect(same.map(isLikeFirst)).toEqual([true, true]);
  expect(different.map(isLikeFirst)).toEqual([false, false, false, false]);
});

describe('a copy', () => {
  const isCopy = (send: (parts: ReturnType<typeof start>) => [number, number], resend = true): boolean[] => {
    const parts = start();
    const [one, other] = send(parts);
    const { messages, isCopy: ask } = pairAcks(parts.builder.run(FORMATS), { ...PAIRING, resend });
    const [first, second] = [one, other].map((index) => messages.find((each) => each.index === index)!);
    return [ask(first!, second!), ask(second!, first!)];
  };

  test('is the same sent again, and never the message itself', () => {
    expect(isCopy(({ send }) => [send(1), send(1)])).toEqual([true, true]);
    expect(isCopy(({ send }) => [send(1), send(1)], false)).toEqual([false, false]);
    expect(isCopy(({ send }) => [send(1), send(2)])).toEqual([false, false]);
    const itself = isCopy(({ send }) => {
      const message = send(1);
      return [message, message];
    });
    expect(itself).toEqual([false, false]);
  });

  test('has only the same, or what others sent, between it and the first; what was sent before or after does not count', () => {
    const copies = isCopy(({ builder, send }) => {
      const other = builder.start('sender#2');
      send(7);
      const first = send(1);
      send(1);
      send(8, other);
      const again = send(1);
      send(9);
      return [first, again];
    });
    expect(copies).toEqual([true, true]);
    const separated = isCopy(({ send }) => {
      const first = send(1);
      send(2);
      return [first, send(1)];
    });
    expect(separated).toEqual([false, false]);
  });
});
