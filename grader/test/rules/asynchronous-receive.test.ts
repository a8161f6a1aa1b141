import { asynchronousReceive } from '../../src/rules/asynchronous-receive.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const wanted = { role: 'receiver', work: { output: '/work \\d/' } };

function start() {
  const builder = new TraceBuilder();
  const receiver = builder.start('receiver#1');
  const sender = builder.start('sender#1');
  const queue = builder.queue(receiver); // event 2
  const look = () =>
    builder.call(receiver, 'msgrcv', { msgtyp: 1, flags: ['IPC_NOWAIT'] }, { queue, error: 'ENOMSG', result: -1 });
  const work = (piece: number) => builder.print(receiver, `work ${piece}\n`);
  const find = (parameters: object = {}) => check(asynchronousReceive, builder.run(), { ...wanted, ...parameters });
  return { builder, receiver, sender, queue, look, work, find };
}

const notLooked = {
  code: 'not-looked',
  expected: 'a msgrcv with IPC_NOWAIT before each piece of work',
  actual: 'none',
  processes: [0],
};

test('a receiver that looks before each piece of work, and sleeps after the last one, is fine', () => {
  const { builder, receiver, sender, queue, look, work, find } = start();
  look();
  work(1);
  builder.receive(receiver, builder.send(sender, queue, 1), 1);
  builder.print(receiver, 'received 1\n');
  work(2);
  builder.call(receiver, 'msgctl', { cmd: 'IPC_STAT' }, { queue });
  work(3);
  builder.receive(receiver, builder.send(sender, queue, 1), 1, { waited: true });
  expect(find()).toEqual([]);
});

test('when the queue is gone there is nothing to look for', () => {
  const { builder, receiver, sender, queue, look, work, find } = start();
  look();
  work(1);
  builder.remove(sender, queue);
  builder.call(receiver, 'msgrcv', { msgtyp: 1, flags: ['IPC_NOWAIT'] }, { queue, error: 'EINVAL', result: -1 });
  work(2);
  work(3);
  expect(find()).toEqual([]);
});

test('a thread may sleep while the program works, and come to it late', () => {
  const { builder, receiver, sender, queue, work, find } = start();
  work(1);
  work(2);
  work(3);
  builder.receive(receiver, builder.send(sender, queue, 1), 1, { waited: true, thread: 2 });
  expect(find()).toEqual([]);
});

test('a receive that never returned may be one that was under way all the time', () => {
  const { builder, receiver, queue, work, find } = start();
  work(1);
  const wait = {
    process: receiver,
    call: 2,
    name: 'msgrcv',
    args: { msgtyp: 1 },
    queue,
    certain: true,
    kind: 'message',
  } as const;
  builder.end({ cause: 'deadlock', waits: [wait] });
  expect(find()).toEqual([]);
});

test('lines that were buffered had each its look before', () => {
  const { builder, receiver, look, find } = start();
  look();
  look();
  builder.print(receiver, 'work 1\nwork 2\n');
  expect(find()).toEqual([]);
});

test('slept: waits for a message, and works only then', () => {
  const { builder, receiver, sender, queue, work, find } = start();
  builder.receive(receiver, builder.send(sender, queue, 1), 1, { waited: true });
  work(1);
  expect(find()).toEqual([
    {
      code: 'slept',
      message: 'receiver#1 slept in msgrcv for a message of type 1 before it printed "work 1".',
      events: [4, 5],
      expected: 'msgrcv with IPC_NOWAIT, which returns at once, while there is work to do',
      actual: 'a msgrcv that waits',
      processes: [0],
    },
  ]);
  expect(find({ role: 'sender' })).toEqual([]);
  builder.signal(receiver);
  expect(find()).toEqual([]);
  expect(find({ signalled: 'check' }).map(({ code }) => code)).toEqual(['slept']);
});

test('not-looked: does its first piece of work without a look', () => {
  const { work, look, find } = start();
  work(1);
  look();
  work(2);
  expect(find()).toEqual([
    {
      ...notLooked,
      message: 'receiver#1 printed "work 1" without having looked for a message.',
      events: [3],
    },
  ]);
});

test('not-looked: looks once and then does two pieces of work', () => {
  const { work, look, find } = start();
  look();
  work(1); // event 4
  work(2);
  expect(find()).toEqual([
    {
      ...notLooked,
      message: 'receiver#1 printed "work 2" without having looked for a message since its last piece of work.',
      events: [4, 5],
    },
  ]);
});

test('not-looked: prints several at once, for which it has not looked', () => {
  const { builder, receiver, look, find } = start();
  builder.print(receiver, 'work 1\nwork 2\nwork 3\n');
  look();
  expect(find()).toEqual([
    {
      ...notLooked,
      message: 'receiver#1 printed "work 1" and 2 more without having looked for a message.',
      events: [3],
    },
  ]);
  builder.print(receiver, 'work 4\nwork 5\n');
  expect(find({ work: { output: '/work [45]/' } })).toEqual([
    {
      ...notLooked,
      message: 'receiver#1 printed "work 4" and 1 more and had looked for a message only once.',
      actual: '1 before 2 pieces',
      events: [5],
    },
  ]);
});

test('only a receive in which it sleeps to the end of the run excuses it, and only its own', () => {
  const { builder, receiver, sender, queue, look, work, find } = start();
  look();
  work(1);
  work(2); // event 5
  const wait = { call: 9, args: {}, queue, certain: true, kind: 'message' } as const;
  const codes = (process: number, name: 'msgrcv' | 'msgsnd') => {
    builder.end({ cause: 'deadlock', waits: [{ ...wait, process, name }] });
    return find().map(({ code, events }) => [code, events]);
  };
  const told = [['not-looked', [4, 5]]];
  expect(codes(receiver, 'msgrcv')).toEqual([]);
  expect(codes(receiver, 'msgsnd')).toEqual(told);
  expect(codes(sender, 'msgrcv')).toEqual(told);
});

test('only a thread that receives, and waits for it, looks all the time', () => {
  const codes = (name: 'msgrcv' | 'msgsnd', flags: string[] = []) => {
    const { builder, receiver, queue, look, work, find } = start();
    look();
    builder.call(receiver, name, { flags }, { queue, thread: 2 });
    for (const piece of [1, 2, 3]) work(piece);
    return find().map(({ code }) => code);
  };
  expect(codes('msgrcv')).toEqual([]);
  expect(codes('msgrcv', ['IPC_NOWAIT'])).toEqual(['not-looked']);
  expect(codes('msgsnd')).toEqual(['not-looked']);
});

test('a receive that found its message at once is a look, and no sleep; one without IPC_NOWAIT does not excuse the rest', () => {
  const { builder, receiver, sender, queue, work, find } = start();
  builder.receive(receiver, builder.send(sender, queue, 1), 1);
  work(1);
  expect(find()).toEqual([]);
  work(2);
  expect(find().map(({ code }) => code)).toEqual(['not-looked']);
});

test('who sleeps for room, or with IPC_NOWAIT for the kernel alone, does not sleep for a message', () => {
  const { builder, receiver, queue, work, find } = start();
  builder.call(receiver, 'msgsnd', { mtype: 1 }, { queue, waited: true });
  builder.call(receiver, 'msgrcv', { flags: ['IPC_NOWAIT'] }, { queue, waited: true, error: 'ENOMSG' });
  work(1);
  expect(find()).toEqual([]);
});

test('not-looked: how often it had looked is told; that the queue went later is no excuse', () => {
  const { builder, receiver, queue, look, find } = start();
  look();
  look();
  builder.print(receiver, 'work 1\nwork 2\nwork 3\n');
  builder.call(receiver, 'msgrcv', {}, { queue, error: 'EIDRM' });
  expect(find()).toEqual([
    {
      ...notLooked,
      message: 'receiver#1 printed "work 1" and 2 more and had looked for a message only 2 times.',
      actual: '2 before 3 pieces',
      events: [5],
    },
  ]);
  builder.print(receiver, 'work 4\n');
  expect(find({ work: { output: 'work 4' } })).toEqual([]);
});

test('after a signal the rule holds for receivers that it did not reach, if the lab says so', () => {
  const { builder, receiver, sender, look, work, find } = start();
  look();
  work(1);
  work(2);
  builder.signal(sender);
  const codes = () => find({ signalled: 'unreached' }).map(({ code }) => code);
  expect(codes()).toEqual(['not-looked']);
  builder.signal(receiver);
  expect(codes()).toEqual([]);
});

test('a program that made no receive may have slept in one, in a thread, to its end: nothing is said', () => {
  const { work, find } = start();
  work(1);
  expect(find()).toEqual([]);
});
