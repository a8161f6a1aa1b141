// Which messages count when an order is judged: cases at the edges of priority-order, fifo-per-type and of how requests and
// replies are paired.
import { pairMessages } from '../../src/rules/pairing.js';
import { fifoPerType } from '../../src/rules/fifo-per-type.js';
import { priorityOrder } from '../../src/rules/priority-order.js';
import type { Formats } from '../../src/model/run.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const FORMATS: Formats = {
  request: { mtype: { min: 1, max: 3 }, fields: { number: 'int', owner: 'int' } },
  note: { mtype: { min: 10, max: 20 }, fields: {} },
  reply: { mtype: { min: 20_000 }, fields: { number: 'int', owner: 'int' } },
};
const pack = (number: number, owner = 0): Uint8Array => new Uint8Array(Int32Array.of(number, owner).buffer);

function start() {
  const builder = new TraceBuilder();
  const [server, client] = [builder.start('server#1'), builder.start('client#1')];
  const queue = builder.queue(server);
  const send = (mtype: number, number = 0, from = client, to = queue) => builder.send(from, to, mtype, pack(number));
  return { builder, server, client, queue, send };
}

describe('priority-order', () => {
  const rules = { receiver: 'server', format: 'request' };
  const find = (builder: TraceBuilder, more: object = {}) =>
    check(priorityOrder, builder.run(FORMATS), { ...rules, ...more }).map(({ message }) => message);

  test('looks at messages of that format, in that queue, taken by that role, alone', () => {
    const { builder, server, client, send } = start();
    const other = builder.queue(server);
    send(1, 0, client, other);
    builder.receive(server, send(2)); // the urgent one waits elsewhere
    builder.receive(server, send(11, 0, client, other)); // a note overtakes a request
    const [urgent, normal] = [send(1), send(2)];
    builder.receive(client, normal); // not the server
    builder.receive(server, urgent);
    send(2);
    builder.receive(server, send(2)); // of two that are alike the later one: not this rule's
    expect(find(builder)).toEqual([]);
  });

  test('tells the first of a process, in the order of taking, and the most urgent that waited', () => {
    const { builder, server, send } = start();
    const [first, second] = [send(3, 1), send(3, 2)];
    send(2, 3);
    send(1, 4);
    builder.receive(server, second);
    builder.receive(server, first);
    expect(find(builder)).toEqual([
      'server#1 took the request of type 3 {number: 2, owner: 0} from queue A while the more urgent request of type 1 {number: 4, owner: 0} was waiting there.',
    ]);
  });

  test('highest-first: the other way round', () => {
    const { builder, server, send } = start();
    const low = send(1, 1);
    send(2, 2);
    send(3, 3);
    builder.receive(server, low);
    expect(find(builder, { order: 'highest-first' })).toEqual([
      'server#1 took the request of type 1 {number: 1, owner: 0} from queue A while the more urgent request of type 3 {number: 3, owner: 0} was waiting there.',
    ]);
    expect(find(builder)).toEqual([]);
  });

  test.each(['lowest-first', 'highest-first'])(
    'messages of one type are equally urgent, and other formats are not compared',
    (order) => {
      const { builder, server, send } = start();
      send(1, 1);
      send(3, 2);
      const [, taken] = [send(2, 3), send(2, 4)];
      builder.receive(server, send(order === 'lowest-first' ? 1 : 3, 5)); // an older one of its type waits
      const only = builder.queue(server);
      send(11, 6, 1, only);
      builder.receive(server, send(2, 7, 1, only)); // a note waits, of a higher type
      expect(find(builder, { order })).toEqual([]);
      builder.receive(server, taken);
      expect(find(builder, { order })).toHaveLength(1);
    },
  );

  test.each([
    ['lowest-first', 1],
    ['highest-first', 3],
  ])('%s: of several that are equally urgent, the oldest is named', (order, urgent) => {
    const { builder, server, send } = start();
    const taken = send(2, 1);
    send(urgent, 2);
    send(urgent, 3);
    builder.receive(server, taken);
    expect(find(builder, { order })).toEqual([
      `server#1 took the request of type 2 {number: 1, owner: 0} from queue A while the more urgent request of type ${urgent} {number: 2, owner: 0} was waiting there.`,
    ]);
  });
});

describe('fifo-per-type', () => {
  const pairing = { request: 'request', reply: 'reply', match: { number: 'number' } };
  const find = (builder: TraceBuilder) =>
    check(fifoPerType, builder.run(FORMATS), pairing).map(({ message, events }) => [message, events]);

  test('who answers one after the other, or two types or queues in any order, is fine', () => {
    const { builder, server, client, queue, send } = start();
    const other = builder.queue(server);
    const asked = [send(1, 1), send(1, 2), send(2, 3), send(1, 4, client, other)];
    for (const message of asked) builder.receive(server, message);
    for (const number of [4, 3, 1, 2]) builder.send(server, queue, 20_001, pack(number));
    expect(find(builder)).toEqual([]);
  });

  test('each answerer is told once, by its first reply that came too early', () => {
    const { builder, server, queue, send } = start();
    const asked = [send(1, 1), send(1, 2), send(1, 3)];
    for (const message of asked) builder.receive(server, message);
    const replies = [2, 3, 1].map((number) => builder.send(server, queue, 20_001, pack(number)));
    const sentAt = (message: number) => builder.trace.messages[message]!.sentAt;
    expect(find(builder)).toEqual([
      [
        'server#1 answered the request of type 1 {number: 2, owner: 0} before the request of type 1 {number: 1, owner: 0}, which was sent earlier.',
        [sentAt(asked[0]!), sentAt(asked[1]!), sentAt(replies[0]!)],
      ],
    ]);
  });

  test('what the scenario put there came first', () => {
    const { builder, server, queue, send } = start();
    const [old, young] = [send(1, 1), send(1, 2)];
    Object.assign(builder.trace.messages[old]!, { sender: null, sentAt: null });
    builder.receive(server, young);
    builder.receive(server, old);
    for (const number of [2, 1]) builder.send(server, queue, 20_001, pack(number));
    expect(find(builder)).toHaveLength(1);
  });
});

describe('pairs', () => {
  const pairing = { request: 'request', reply: 'reply', match: { number: 'number', owner: 'owner' } };
  const pair = (builder: TraceBuilder) => {
    const { pairs, unanswered, unasked } = pairMessages(builder.run(FORMATS), pairing);
    return {
      pairs: pairs.map(({ request, reply }) => [request.index, reply.index]),
      unanswered: unanswered.map(({ index }) => index),
      unasked: unasked.map(({ index }) => index),
    };
  };

  test('a reply belongs to a request that its sender, or a relative by fork, has taken before, and with which all fields agree', () => {
    const { builder, server, client, queue } = start();
    const child = builder.fork(server);
    const asked = builder.send(client, queue, 1, pack(1, 7));
    const early = builder.send(server, queue, 20_001, pack(1, 7));
    builder.receive(server, asked);
    const half = builder.send(server, queue, 20_001, pack(1, 8));
    const foreign = builder.send(client, queue, 20_001, pack(1, 7));
    const right = builder.send(child, queue, 20_001, pack(1, 7));
    const again = builder.send(child, queue, 20_001, pack(1, 7));
    expect(pair(builder)).toEqual({
      pairs: [[asked, right]],
      unanswered: [],
      unasked: [early, half, foreign, again],
    });
  });

  test('of two that fit, it is the one whose asker it is addressed to; else the one that was taken first', () => {
    const { builder, server, client, queue } = start();
    const second = builder.start('client#2');
    const [one, two, three] = [client, second, client].map((from) => builder.send(from, queue, 1, pack(1, 1)));
    for (const message of [three!, two!, one!]) builder.receive(server, message);
    const toSecond = builder.send(server, queue, 20_002, pack(1, 1));
    const toNobody = builder.send(server, queue, 20_009, pack(1, 1));
    expect(pair(builder)).toEqual({
      pairs: [
        [two, toSecond],
        [three, toNobody],
      ],
      unanswered: [one],
      unasked: [],
    });
  });

  test('nobody owes an answer to what was not taken; what the scenario sent answers nothing', () => {
    const { builder, client, server, queue } = start();
    builder.send(client, queue, 1, pack(1, 1));
    const cut = builder.send(client, queue, 1, pack(2, 1).subarray(0, 4));
    builder.receive(server, cut);
    const given = builder.send(server, queue, 20_001, pack(2, 1));
    builder.trace.messages[given]!.sender = null;
    expect(pair(builder)).toEqual({ pairs: [], unanswered: [cut], unasked: [] });
    const noOwner = builder.send(server, queue, 20_001, pack(2, 1).subarray(0, 4));
    expect(pair(builder)).toEqual({ pairs: [], unanswered: [cut], unasked: [noOwner] });
  });
});
