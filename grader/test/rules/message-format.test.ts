import type { Formats } from '../../src/model/run.js';
import { messageFormat } from '../../src/rules/message-format.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const FORMATS: Formats = {
  request: { mtype: { min: 1, max: 2 }, fields: { pid: 'int', text: 'char[12]' } },
  reply: { mtype: { min: 20_000 }, fields: { at: 'long', sequence: 'int' } },
};

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const client = builder.start('client#1');
  const queue = builder.queue(server);
  const send = (process: number, mtype: number, sizeBytes: number) =>
    builder.send(process, queue, mtype, new Uint8Array(sizeBytes));
  const find = (parameters: object = {}) => check(messageFormat, builder.run(FORMATS), parameters);
  return { builder, server, client, queue, send, find };
}

test('a struct with or without the unused end of its text, or the padding at its end, is fine', () => {
  const { builder, server, client, send, find } = start();
  for (const sizeBytes of [4, 9, 16]) builder.receive(server, send(client, 1, sizeBytes), -2);
  for (const sizeBytes of [12, 16]) builder.receive(client, send(server, 20_001, sizeBytes), 20_001);
  expect(find()).toEqual([]);
});

test('too-long: the mtype is counted; told once for each role and format', () => {
  const { client, send, find } = start();
  send(client, 1, 24);
  send(client, 2, 24);
  expect(find()).toEqual([
    {
      code: 'too-long',
      message: 'client#1 sent a request of type 1 with 24 bytes to queue A: the 8 bytes of the mtype are counted, too.',
      events: [3],
      expected: '4 to 16 bytes',
      actual: '24 bytes',
      processes: [client],
    },
  ]);
});

test('too-long and too-short by other sizes', () => {
  const { server, client, send, find } = start();
  send(client, 1, 17);
  send(client, 1, 3);
  send(server, 20_001, 11);
  expect(find()).toEqual([
    {
      code: 'too-long',
      message: 'client#1 sent a request of type 1 with 17 bytes to queue A.',
      events: [3],
      expected: '4 to 16 bytes',
      actual: '17 bytes',
      processes: [client],
    },
    {
      code: 'too-short',
      message: 'client#1 sent a request of type 1 with 3 bytes to queue A.',
      events: [4],
      expected: '4 to 16 bytes',
      actual: '3 bytes',
      processes: [client],
    },
    {
      code: 'too-short',
      message: 'server#1 sent a reply of type 20001 with 11 bytes to queue A.',
      events: [5],
      expected: '12 to 16 bytes',
      actual: '11 bytes',
      processes: [server],
    },
  ]);
});

test('with shorter: false a text is sent with all its bytes', () => {
  const { client, send, find } = start();
  send(client, 1, 15);
  expect(find({ shorter: false })).toEqual([
    {
      code: 'too-short',
      message: 'client#1 sent a request of type 1 with 15 bytes to queue A.',
      events: [3],
      expected: '16 bytes',
      actual: '15 bytes',
      processes: [client],
    },
  ]);
});

test('cut: there was not enough room for the message, and MSG_NOERROR', () => {
  const { builder, server, client, send, find } = start();
  builder.receive(server, send(client, 1, 16), -2, { result: 8 });
  expect(find()).toEqual([
    {
      code: 'cut',
      message: 'server#1 received 8 of the 16 bytes of a request of type 1.',
      events: [3, 4],
      expected: 'room for 16 bytes',
      actual: 'room for 8, and MSG_NOERROR',
      processes: [server],
    },
  ]);
});

test('no-format: a type that nobody knows, unless only some formats are asked for', () => {
  const { client, send, find } = start();
  send(client, 3, 16);
  expect(find()).toEqual([
    {
      code: 'no-format',
      message: 'client#1 sent a message of type 3 to queue A.',
      events: [3],
      expected: 'a message with a type of request, reply',
      actual: 'type 3',
      processes: [client],
    },
  ]);
  expect(find({ formats: ['request'] })).toEqual([]);
});

test('only messages of the roles and formats that are asked for; those of the scenario are its own', () => {
  const { builder, server, client, send, find } = start();
  send(client, 1, 1);
  send(server, 20_001, 1);
  builder.trace.messages.push({ ...builder.trace.messages[0]!, sender: null, sentAt: null });
  expect(find({ from: 'server' }).map(({ processes }) => processes)).toEqual([[server]]);
  expect(find({ formats: ['request'] }).map(({ processes }) => processes)).toEqual([[client]]);
});
