import { fifoPerType } from '../../src/rules/fifo-per-type.js';
import { priorityOrder } from '../../src/rules/priority-order.js';
import { repliesReachTheirAsker } from '../../src/rules/replies-reach-their-asker.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const fields = { client: 'int', sequence: 'int', text: 'char[8]' };
const formats = { request: { mtype: { min: 1, max: 2 }, fields }, reply: { mtype: { min: 3 }, fields } };
const pairing = { request: 'request', reply: 'reply', match: { sequence: 'sequence' } };

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const a = builder.start('client#1');
  const b = builder.start('client#2');
  const queue = builder.queue(server);
  const ask = (client: number, sequence: number, text = 'hi', mtype = 2) =>
    builder.send(client, queue, mtype, pack(20_000 + client, sequence, text));
  const answer = (mtype: number, sequence: number, text = 'HI') =>
    builder.send(server, queue, mtype, pack(0, sequence, text));
  return { builder, server, a, b, queue, ask, answer };
}

describe('replies-reach-their-asker', () => {
  const rules = { ...pairing, by: 'server', address: 'pid', content: { field: 'text', is: 'uppercase', of: 'text' } };

  test('a reply to each asker, by its pid, is fine, with the same sequence numbers at both', () => {
    const { builder, server, a, b, ask, answer } = start();
    builder.receive(server, ask(a, 1), -2);
    builder.receive(server, ask(b, 1), -2);
    const toB = answer(20_002, 1);
    const toA = answer(20_001, 1);
    builder.receive(a, toA, 20_001);
    builder.receive(b, toB, 20_002);
    expect(check(repliesReachTheirAsker, builder.run(formats), rules)).toEqual([]);
  });

  test('a child of the process that took the request may answer it', () => {
    const { builder, server, a, queue, ask } = start();
    builder.receive(server, ask(a, 1), -2);
    const worker = builder.fork(server);
    builder.receive(a, builder.send(worker, queue, 20_001, pack(0, 1, 'HI')), 20_001);
    expect(check(repliesReachTheirAsker, builder.run(formats), rules)).toEqual([]);
  });

  test('what a reply must say: the same, in lower case, reversed', () => {
    const { builder, server, a, ask, answer } = start();
    builder.receive(server, ask(a, 1, 'Hi'), -2);
    builder.receive(a, answer(20_001, 1, 'iH'), 20_001);
    const found = (is: string) =>
      check(repliesReachTheirAsker, builder.run(formats), {
        ...pairing,
        content: { field: 'text', is, of: 'text' },
      }).map(({ expected, actual }) => [expected, actual]);
    expect(found('reversed')).toEqual([]);
    expect(found('same')).toEqual([['"Hi"', '"iH"']]);
    expect(found('lowercase')).toEqual([['"hi"', '"iH"']]);
  });

  test('who is far from a planned signal must be answered, where the lab asks for it; those of one process are told once', () => {
    const { builder, server, a, b, ask } = start();
    builder.signal(a, 'killed');
    for (const [client, sequence] of [
      [a, 1],
      [b, 1],
      [b, 2],
    ] as const)
      builder.receive(server, ask(client, sequence), -2);
    const messages = (signalled: string) =>
      check(repliesReachTheirAsker, builder.run(formats), { ...rules, signalled }).map(({ message }) => message);
    expect(messages('skip')).toEqual([]);
    expect(messages('unreached')).toEqual([
      'server#1 took the request of type 2 {client: 20002, sequence: 1, text: "hi"} of client#2 and never answered it, nor 1 more.',
    ]);
    builder.signal(server);
    expect(messages('unreached')).toEqual([]);
  });

  test('missing: with the call that failed', () => {
    const { builder, server, a, queue, ask } = start();
    builder.receive(server, ask(a, 1), -2);
    builder.call(server, 'msgsnd', { mtype: 20_001 }, { queue, error: 'EIDRM' });
    expect(check(repliesReachTheirAsker, builder.run(formats), rules)).toEqual([
      {
        code: 'missing',
        message:
          'server#1 took the request of type 2 {client: 20001, sequence: 1, text: "hi"} of client#1 and never answered it; its msgsnd failed with EIDRM.',
        events: [4, 5, 6],
        expected: 'one reply for each request',
        actual: 'no reply',
        processes: [server],
      },
    ]);
  });

  test('crossed: another process received it', () => {
    const { builder, server, a, b, ask, answer } = start();
    builder.receive(server, ask(a, 1), -2);
    builder.receive(b, answer(20_001, 1), 0);
    expect(check(repliesReachTheirAsker, builder.run(formats), rules)).toEqual([
      {
        code: 'crossed',
        message:
          'client#2 received the reply to the request of client#1: reply of type 20001 {client: 0, sequence: 1, text: "HI"}.',
        events: [4, 6, 7],
        expected: 'received by client#1, which asked',
        actual: 'received by client#2',
        processes: [a, b],
      },
    ]);
  });

  test('wrong-address: sent with a type that is not the pid of the asker', () => {
    const { builder, server, a, ask, answer } = start();
    builder.receive(server, ask(a, 1), -2);
    answer(5, 1);
    expect(check(repliesReachTheirAsker, builder.run(formats), rules)).toEqual([
      {
        code: 'wrong-address',
        message: 'server#1 sent the reply to client#1 with type 5; the type that client#1 waits for is its pid, 20001.',
        events: [4, 6],
        expected: 'type 20001',
        actual: 'type 5',
        processes: [server, a],
      },
    ]);
  });

  test('wrong-content, unasked and missing', () => {
    const { builder, server, a, b, ask, answer } = start();
    builder.receive(server, ask(a, 1), -2);
    builder.receive(a, answer(20_001, 1, 'hi'), 20_001);
    answer(20_001, 9);
    builder.receive(server, ask(b, 2), -2);
    expect(check(repliesReachTheirAsker, builder.run(formats), rules)).toEqual([
      {
        code: 'wrong-content',
        message: 'server#1 answered "hi" of client#1 with "hi".',
        events: [4, 6, 7],
        expected: '"HI"',
        actual: '"hi"',
        processes: [server],
      },
      {
        code: 'unasked',
        message: 'server#1 sent a reply of type 20001 {client: 0, sequence: 9, text: "HI"} that answers no request.',
        events: [8],
        expected: 'one reply for each request',
        actual: 'a reply that nobody asked for',
        processes: [server],
      },
      {
        code: 'missing',
        message:
          'server#1 took the request of type 2 {client: 20002, sequence: 2, text: "hi"} of client#2 and never answered it.',
        events: [9, 10],
        expected: 'one reply for each request',
        actual: 'no reply',
        processes: [server],
      },
    ]);
    builder.signal(server);
    expect(check(repliesReachTheirAsker, builder.run(formats), rules).map(({ code }) => code)).toEqual([
      'wrong-content',
      'unasked',
    ]);
  });
});

describe('priority-order', () => {
  const rules = { receiver: 'server', format: 'request' };

  test('the urgent one first, and a normal one while no urgent one is there, are fine', () => {
    const { builder, server, a, b, ask } = start();
    const normal = ask(a, 1, 'n', 2);
    const urgent = ask(b, 2, 'u', 1);
    builder.receive(server, urgent, -2);
    builder.receive(server, normal, -2);
    builder.receive(server, ask(a, 3, 'late', 1), -2);
    expect(check(priorityOrder, builder.run(formats), rules)).toEqual([]);
  });

  test('overtaken: a normal one while an urgent one waits', () => {
    const { builder, server, a, b, ask } = start();
    const normal = ask(a, 1, 'n', 2);
    ask(b, 2, 'u', 1);
    builder.receive(server, normal, 0);
    const overtaken = {
      code: 'overtaken',
      message:
        'server#1 took the request of type 2 {client: 20001, sequence: 1, text: "n"} from queue A while the more urgent request of type 1 {client: 20002, sequence: 2, text: "u"} was waiting there.',
      events: [4, 5, 6],
      expected: 'type 1 is taken before type 2',
      actual: 'type 2 was taken first',
      processes: [server],
    };
    expect(check(priorityOrder, builder.run(formats), rules)).toEqual([overtaken]);
    // Again: told once.
    builder.receive(server, ask(a, 3, 'n', 2), 0);
    expect(check(priorityOrder, builder.run(formats), rules)).toEqual([overtaken]);
    expect(check(priorityOrder, builder.run(formats), { ...rules, order: 'highest-first' })).toEqual([]);
  });
});

describe('fifo-per-type', () => {
  test('answers in the order of sending are fine, and types may pass each other', () => {
    const { builder, server, a, b, ask, answer } = start();
    const first = ask(a, 1);
    const urgent = ask(b, 2, 'u', 1);
    builder.receive(server, urgent, -2);
    answer(20_002, 2);
    builder.receive(server, first, -2);
    answer(20_001, 1);
    expect(check(fifoPerType, builder.run(formats), pairing)).toEqual([]);
  });

  test('two servers may answer at their own pace', () => {
    const { builder, server, a, b, queue, ask, answer } = start();
    const second = builder.start('server#2');
    builder.receive(server, ask(a, 1), -2);
    builder.receive(second, ask(b, 2), -2);
    builder.send(second, queue, 20_002, pack(0, 2));
    answer(20_001, 1);
    expect(check(fifoPerType, builder.run(formats), pairing)).toEqual([]);
  });

  test('out-of-order: the later one answered first', () => {
    const { builder, server, a, b, ask, answer } = start();
    const first = ask(a, 1);
    const second = ask(b, 2);
    builder.receive(server, first, -2);
    builder.receive(server, second, -2);
    answer(20_002, 2);
    answer(20_001, 1);
    const overtaken = [
      {
        code: 'out-of-order',
        message:
          'server#1 answered the request of type 2 {client: 20002, sequence: 2, text: "hi"} before the request of type 2 {client: 20001, sequence: 1, text: "hi"}, which was sent earlier.',
        events: [4, 5, 8],
        expected: 'first in, first out within a type',
        actual: 'the later one was answered first',
        processes: [server],
      },
    ];
    expect(check(fifoPerType, builder.run(formats), pairing)).toEqual(overtaken);
    // Again: told once. After a signal: as the lab says.
    for (const client of [a, b]) builder.receive(server, ask(client, 3), -2);
    answer(20_002, 3);
    answer(20_001, 3);
    expect(check(fifoPerType, builder.run(formats), pairing)).toEqual(overtaken);
    builder.signal(a);
    expect(check(fifoPerType, builder.run(formats), pairing)).toEqual([]);
    expect(check(fifoPerType, builder.run(formats), { ...pairing, signalled: 'unreached' })).toEqual(overtaken);
    builder.signal(server);
    expect(check(fifoPerType, builder.run(formats), { ...pairing, signalled: 'unreached' })).toEqual([]);
    expect(check(fifoPerType, builder.run(formats), { ...pairing, signalled: 'check' })).toEqual(overtaken);
  });
});
