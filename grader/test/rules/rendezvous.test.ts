import { rendezvous } from '../../src/rules/rendezvous.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const formats = {
  data: { mtype: { min: 1, max: 1 }, fields: { number: 'int' } },
  note: { mtype: { min: 2 }, fields: {} },
};
const saying = { format: 'data', before: { output: '/sent \\d/' } };
const sending = { format: 'data', before: { send: 'data' } };
const noting = { format: 'data', before: { send: 'note' } };
const ending = { format: 'data', before: { exit: true } };

function start() {
  const builder = new TraceBuilder();
  const sender = builder.start('sender#1');
  const receiver = builder.start('receiver#1');
  const queue = builder.queue(sender); // event 2
  const send = (number: number) => builder.send(sender, queue, 1, pack(number));
  const receive = (message: number) => builder.receive(receiver, message, 1);
  const find = (parameters: object) => check(rendezvous, builder.run(formats), parameters);
  return { builder, sender, receiver, queue, send, receive, find };
}

const expected = 'sent, received, and only then does the sender go on';
const tooSoon = { code: 'too-soon', expected, actual: 'sent, gone on, not received yet', processes: [0] };

test('a sender that goes on after each receive is fine, whatever shows it', () => {
  const { builder, sender, queue, send, receive, find } = start();
  builder.print(sender, 'starting\n');
  for (const number of [1, 2]) {
    receive(send(number));
    builder.print(sender, `sent ${number}\n`);
    builder.send(sender, queue, 2);
  }
  builder.exit(sender);
  for (const rules of [saying, sending, noting, ending]) expect(find(rules)).toEqual([]);
});

test('too-soon: prints that it is sent, before it is received', () => {
  const { builder, sender, send, receive, find } = start();
  const message = send(1);
  builder.print(sender, 'sent 1\n');
  receive(message);
  expect(find(saying)).toEqual([
    {
      ...tooSoon,
      message: 'sender#1 printed "sent 1" before its data of type 1 {number: 1} was received.',
      events: [3, 4, 5],
    },
  ]);
  expect(find({ ...saying, from: 'other' })).toEqual([]);
  builder.signal(sender);
  expect(find(saying)).toEqual([]);
  expect(find({ ...saying, signalled: 'unreached' })).toEqual([]);
  expect(find({ ...saying, signalled: 'check' }).map(({ code }) => code)).toEqual(['too-soon']);
});

test('too-soon: sends the next, tells another, or ends', () => {
  const { builder, sender, queue, send, receive, find } = start();
  const [first, second] = [send(1), send(2)];
  builder.send(sender, queue, 2);
  builder.exit(sender);
  receive(first);
  receive(second);
  const before = 'before its data of type 1 {number: 1} was received.';
  expect(find(sending)).toEqual([
    { ...tooSoon, message: `sender#1 sent the data of type 1 {number: 2} ${before}`, events: [3, 4, 7] },
  ]);
  expect(find(noting)).toEqual([
    { ...tooSoon, message: `sender#1 sent the note of type 2 ${before}`, events: [3, 5, 7] },
  ]);
  expect(find(ending)).toEqual([{ ...tooSoon, message: `sender#1 ended ${before}`, events: [3, 6, 7] }]);
});

test('never-received: certain if the run ended, or the queue is gone', () => {
  const { builder, sender, queue, send, find } = start();
  send(1);
  builder.print(sender, 'sent 1\n');
  const never = {
    code: 'never-received',
    message: 'sender#1 printed "sent 1", but its data of type 1 {number: 1} was never received by another process.',
    events: [3, 4],
    expected,
    actual: 'sent, gone on, never received',
    processes: [sender],
  };
  expect(find(saying)).toEqual([never]);
  builder.end({ cause: 'step-limit', waits: [] });
  expect(find(saying).map(({ code }) => code)).toEqual(['too-soon']);
  builder.remove(sender, queue);
  expect(find(saying)).toEqual([never]);
});

test('a receive by the sender itself, or by another role than it is for, does not count', () => {
  const { builder, sender, send, find } = start();
  builder.receive(sender, send(1), 1);
  builder.print(sender, 'sent 1\n');
  expect(find(saying).map(({ code }) => code)).toEqual(['never-received']);
  const other = start();
  other.receive(other.send(1));
  other.builder.print(other.sender, 'sent 1\n');
  expect(other.find({ ...saying, to: 'receiver' })).toEqual([]);
  expect(other.find({ ...saying, to: 'server' }).map(({ message }) => message)).toEqual([
    'sender#1 printed "sent 1", but its data of type 1 {number: 1} was never received by a server.',
  ]);
});

test('of sends that are made at the same time, any may be over first', () => {
  const { builder, sender, send, receive, find } = start();
  const [first, second] = [send(1), send(2)];
  receive(second);
  builder.print(sender, 'sent 2\n');
  receive(first);
  builder.print(sender, 'sent 1\n');
  expect(find(saying)).toEqual([]);
});

test('one copy that is received is enough, where a message may be sent again', () => {
  const { builder, sender, send, receive, find } = start();
  const [first] = [send(1), send(1)];
  receive(first);
  builder.print(sender, 'sent 1\n');
  receive(send(2));
  builder.exit(sender);
  for (const rules of [saying, sending, ending]) expect(find({ ...rules, resend: true })).toEqual([]);
  expect(find(sending).map(({ code }) => code)).toEqual(['too-soon']);
});
