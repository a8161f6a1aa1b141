import type { CallArgs, CallName } from '@ipclab/native/supervisor';
import { noBusyWait } from '../../src/rules/no-busy-wait.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const NOWAIT = ['IPC_NOWAIT'];

function start() {
  const builder = new TraceBuilder();
  const consumer = builder.start('consumer#1');
  const producer = builder.start('producer#1');
  const queue = builder.queue(producer); // event 2
  const poll = (msgtyp = 0) => builder.call(consumer, 'msgrcv', { msgtyp, flags: NOWAIT }, { queue, error: 'ENOMSG' });
  const find = (parameters: object = {}) => check(noBusyWait, builder.run(), parameters);
  return { builder, consumer, producer, queue, poll, find };
}

const expected = 'asks at most 3 times in a row, then sleeps in a blocking call';

test('polls: asks for the same again and again', () => {
  const { consumer, poll, find } = start();
  for (let count = 0; count < 3; count++) poll();
  expect(find()).toEqual([]);
  poll();
  poll();
  const polls = {
    code: 'polls',
    message:
      'consumer#1 made the same call, msgrcv of queue A with IPC_NOWAIT, 4 times in vain, and did nothing else in between.',
    events: [3, 4, 6],
    expected,
    actual: 'asked 4 times in a row',
    processes: [consumer],
  };
  expect(find()).toEqual([polls]);
  expect(find({ max: 5 })).toEqual([]);
  expect(find({ roles: ['producer'] })).toEqual([]);
  expect(find({ polls: ['child'] })).toEqual([]);
  expect(find({ max: 1, roles: ['consumer'] })).toEqual([
    {
      ...polls,
      message: polls.message.replace('4 times', '2 times'),
      events: [3, 4],
      expected: 'asks once, then sleeps in a blocking call',
      actual: 'asked 2 times in a row',
    },
  ]);
});

test('who looks once, or once for each type, before it sleeps is fine', () => {
  const { builder, consumer, producer, queue, poll, find } = start();
  for (let count = 0; count < 5; count++) {
    for (const msgtyp of [1, 2, 3, 4, 5]) poll(msgtyp);
    builder.receive(consumer, builder.send(producer, queue, 1), -5);
  }
  expect(find({ until: 'self' })).toEqual([]);
});

test('who works between two looks is fine, though it is the same look', () => {
  const { builder, consumer, poll, find } = start();
  for (let count = 0; count < 5; count++) {
    poll();
    builder.print(consumer, 'step\n');
  }
  expect(find({ until: 'self' })).toEqual([]);
});

test('what another does begins the count anew, unless the lab says that only its own doings do', () => {
  const { builder, producer, poll, find } = start();
  for (let count = 0; count < 4; count++) {
    poll();
    builder.print(producer, 'busy\n');
  }
  expect(find()).toEqual([]);
  expect(find({ until: 'self' }).map(({ code, events }) => [code, events])).toEqual([['polls', [3, 5, 9]]]);
});

test('to sleep, or to turn in the event loop, between two polls makes them no better', () => {
  const { builder, consumer, poll, find } = start();
  for (let count = 0; count < 4; count++) {
    poll();
    builder.call(consumer, 'sleep', { timeoutMs: 10 });
    builder.call(consumer, 'poll', { timeoutMs: 10 });
  }
  expect(find().map(({ code, events }) => [code, events])).toEqual([['polls', [3, 6, 12]]]);
});

test.each<[string, CallName, CallArgs, { error?: string; result?: number }]>([
  ['msgsnd of queue A with IPC_NOWAIT', 'msgsnd', { mtype: 1, flags: NOWAIT }, { error: 'EAGAIN' }],
  ['semop with IPC_NOWAIT', 'semop', { operations: [{ num: 0, op: -1, flags: NOWAIT }] }, { error: 'EAGAIN' }],
  ['msgctl of queue A with IPC_STAT', 'msgctl', { cmd: 'IPC_STAT' }, {}],
  ['wait with WNOHANG', 'wait', { flags: ['WNOHANG'] }, { result: 0 }],
  ['kill of producer#1 with signal 0', 'kill', { pid: 20_001, signal: '0' }, {}],
  ['msgget of a key that nobody had made', 'msgget', { key: 5 }, { error: 'ENOENT' }],
  ['a sleep', 'sleep', { seconds: 1 }, {}],
  ['sigpending', 'sigpending', {}, {}],
])('%s is a poll', (what, name, args, parts) => {
  const { builder, consumer, queue, find } = start();
  const object = name.startsWith('msg') ? { queue } : {};
  for (let count = 0; count < 4; count++) builder.call(consumer, name, args, { ...object, ...parts });
  expect(
    find({ polls: ['ipc', 'look', 'child', 'alive', 'key', 'sleep', 'pending'] }).map(({ message }) => message),
  ).toEqual([`consumer#1 made the same call, ${what}, 4 times in vain, and did nothing else in between.`]);
});

test.each<[string, CallName, CallArgs, { error?: string; result?: number; forced?: boolean }]>([
  ['a receive', 'msgrcv', { flags: NOWAIT }, {}],
  ['a blocking call that is interrupted', 'msgrcv', {}, { error: 'EINTR' }],
  ['a wait that finds a child', 'wait', { flags: ['WNOHANG'] }, { result: 20_001 }],
  ['a kill with a signal', 'kill', { pid: 20_001, signal: 'SIGTERM' }, {}],
  ['a kill of one that is gone', 'kill', { pid: 20_001, signal: '0' }, { error: 'ESRCH' }],
  ['a msgget that is refused', 'msgget', { key: 5 }, { error: 'EACCES' }],
  ['what we made fail', 'msgrcv', { flags: NOWAIT }, { error: 'ENOMSG', forced: true }],
])('%s is no poll', (_what, name, args, parts) => {
  const { builder, consumer, queue, find } = start();
  for (let count = 0; count < 4; count++) builder.call(consumer, name, args, { queue, ...parts });
  expect(find({ polls: ['ipc', 'look', 'child', 'alive', 'key', 'sleep', 'pending'] })).toEqual([]);
});

test('busy-waiting: polled until the run was ended', () => {
  const { builder, consumer, poll, find } = start();
  for (let count = 0; count < 9; count++) poll();
  const ending = {
    code: 'busy-waiting',
    message: 'consumer#1 polled until we ended the run (9 polls in vain): nobody was left to bring what it asked for.',
    events: [11],
    expected: 'sleeps in a blocking call',
    actual: 'polls without end',
    processes: [consumer],
  };
  builder.end({ cause: 'busy-waiting', waits: [], process: consumer, detail: '9 polls in vain' });
  expect(find()).toEqual([ending]);
  expect(find({ max: 20 })).toEqual([ending]);
  expect(find({ roles: ['producer'] })).toEqual([]);
});
