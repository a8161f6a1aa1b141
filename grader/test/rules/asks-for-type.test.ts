import { asksForType } from '../../src/rules/asks-for-type.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const NOWAIT = { flags: ['IPC_NOWAIT'] };

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const client = builder.start('client#1');
  const queue = builder.queue(server);
  const take = (process: number, mtype: number, msgtyp: number, flags: string[] = []) =>
    builder.receive(process, builder.send(process === client ? server : client, queue, mtype), msgtyp, {
      args: { msgtyp, flags },
    });
  const find = (parameters: object) => check(asksForType, builder.run(), parameters);
  return { builder, server, client, queue, take, find };
}

const asClient = { role: 'client', allowed: ['own-pid'] };

test('who asks for its own pid, or for the lowest type up to what it may, is fine', () => {
  const { server, client, take, find } = start();
  take(client, 20_001, 20_001);
  take(server, 2, -2);
  take(server, 1, -1);
  expect(find(asClient)).toEqual([]);
  expect(find({ role: 'server', allowed: [{ upTo: 2 }] })).toEqual([]);
  expect(find({ role: 'server', allowed: [-1, -2] })).toEqual([]);
});

test('any-type: asks for everything, and takes what is for another', () => {
  const { client, take, find } = start();
  take(client, 20_007, 0);
  take(client, 20_001, 0);
  expect(find(asClient)).toEqual([
    {
      code: 'any-type',
      message: 'client#1 asked queue A for any message and took the message of type 20007.',
      events: [3, 4],
      expected: 'asks for its own pid, 20001',
      actual: 'msgtyp 0',
      processes: [client],
    },
  ]);
  expect(find({ role: 'client', allowed: [0] })).toEqual([]);
});

test('any-type: everything but one type', () => {
  const { client, take, find } = start();
  take(client, 20_001, 2, ['MSG_EXCEPT']);
  expect(find({ role: 'client', allowed: [2, { except: 3 }] })).toEqual([
    {
      code: 'any-type',
      message: 'client#1 asked queue A for any message but those of type 2 and took the message of type 20001.',
      events: [3, 4],
      expected: 'asks for msgtyp 2, or any type but 3 (MSG_EXCEPT)',
      actual: 'msgtyp 2 with MSG_EXCEPT',
      processes: [client],
    },
  ]);
  expect(find({ role: 'client', allowed: [{ except: 2 }] })).toEqual([]);
});

test('too-wide: a negative type that reaches further than it may', () => {
  const { server, take, find } = start();
  take(server, 2, -20_000);
  const tooWide = {
    code: 'too-wide',
    message: 'server#1 asked queue A for a message of the lowest type up to 20000 and took the message of type 2.',
    events: [3, 4],
    expected: 'asks for msgtyp -1 to -2',
    actual: 'msgtyp -20000',
    processes: [server],
  };
  expect(find({ role: 'server', allowed: [{ upTo: 2 }] })).toEqual([tooWide]);
  expect(find({ role: 'server', allowed: [{ upTo: 1 }, 2] })).toEqual([
    { ...tooWide, expected: 'asks for msgtyp -1, or msgtyp 2' },
  ]);
});

test('wrong-type: also of one that still waits, which nothing but the end of the run shows', () => {
  const { builder, client, queue, find } = start();
  const wait = { process: client, call: 1, name: 'msgrcv' as const, kind: 'message' as const, queue, certain: true };
  builder.end({ cause: 'deadlock', waits: [{ ...wait, args: { msgtyp: 3 } }] });
  expect(find({ role: 'client', allowed: ['own-pid', { from: 10, to: 19 }, 'parent-pid', 'child-pid'] })).toEqual([
    {
      code: 'wrong-type',
      message: 'client#1 asked queue A for a message of type 3 and waits for it.',
      events: [],
      expected:
        'asks for its own pid, 20001, or msgtyp 10 to 19, or the pid of the process that forked it, or the pid of a child',
      actual: 'msgtyp 3',
      processes: [client],
    },
  ]);
  builder.end({ cause: 'deadlock', waits: [{ ...wait, args: { msgtyp: 20_001 } }] });
  expect(find(asClient)).toEqual([]);
});

test('a wait that was interrupted, or ended by the removal, was asked in earnest', () => {
  const { builder, client, queue, find } = start();
  builder.call(client, 'msgrcv', { msgtyp: 3 }, { queue, waited: true, error: 'EIDRM' });
  expect(find(asClient)).toEqual([
    {
      code: 'wrong-type',
      message: 'client#1 asked queue A for a message of type 3.',
      events: [3],
      expected: 'asks for its own pid, 20001',
      actual: 'msgtyp 3',
      processes: [client],
    },
  ]);
});

test('a probe that finds nothing, and a look with MSG_COPY, take nothing from anybody', () => {
  const { builder, client, queue, find } = start();
  builder.call(client, 'msgrcv', { msgtyp: 0, ...NOWAIT }, { queue, error: 'ENOMSG' });
  builder.call(client, 'msgrcv', { msgtyp: 3 }, { error: 'EINVAL' });
  builder.call(client, 'msgrcv', { msgtyp: 0, flags: ['IPC_NOWAIT', 'MSG_COPY'] }, { queue });
  expect(find(asClient)).toEqual([]);
});

test('who removes a queue may empty it first, whatever the types', () => {
  const { builder, server, queue, take, find } = start();
  take(server, 2, -2);
  take(server, 9, 0, ['IPC_NOWAIT']);
  builder.remove(server, queue);
  const asServer = { role: 'server', allowed: [{ upTo: 2 }] };
  expect(find(asServer)).toEqual([]);
  expect(find({ ...asServer, drain: false }).map(({ code }) => code)).toEqual(['any-type']);
});

test('one that polls for everything and then serves on does not drain', () => {
  const { builder, server, queue, take, find } = start();
  take(server, 9, 0, ['IPC_NOWAIT']);
  take(server, 2, -2);
  builder.remove(server, queue);
  expect(find({ role: 'server', allowed: [{ upTo: 2 }] }).map(({ code, events }) => [code, events])).toEqual([
    ['any-type', [3, 4]],
  ]);
});

test('parents and children may have types of their own', () => {
  const { builder, server, queue } = start();
  const child = builder.fork(server);
  const childPid = builder.trace.processes[child]!.pid;
  builder.receive(server, builder.send(child, queue, childPid), childPid);
  builder.receive(child, builder.send(server, queue, 20_000), 20_000);
  const find = (parameters: object) =>
    check(asksForType, builder.run(), { role: 'server', ...parameters }).map(({ processes }) => processes);
  expect(find({ processes: 'started', allowed: ['child-pid'] })).toEqual([]);
  expect(find({ processes: 'forked', allowed: ['parent-pid'] })).toEqual([]);
  expect(find({ allowed: ['child-pid'] })).toEqual([[child]]);
  expect(find({ allowed: ['parent-pid'] })).toEqual([[server]]);
});

test('a queue of its own may be asked for anything, where the lab says so', () => {
  const { builder, server, client, queue, find } = start();
  const own = builder.queue(client);
  builder.receive(client, builder.send(server, own, 7), 0);
  expect(find({ ...asClient, queues: 'others' })).toEqual([]);
  expect(find({ ...asClient, queues: 'own' }).map(({ code }) => code)).toEqual(['any-type']);
  builder.receive(client, builder.send(server, queue, 7), 0);
  expect(find({ ...asClient, queues: 'others' }).map(({ message }) => message)).toEqual([
    'client#1 asked queue A for any message and took the message of type 7.',
  ]);
});

test('a run with a planned signal is skipped, unless the lab asks for it', () => {
  const { builder, server, client, take, find } = start();
  take(client, 20_001, 0);
  builder.signal(server);
  expect(find(asClient)).toEqual([]);
  expect(find({ ...asClient, signalled: 'unreached' }).map(({ code }) => code)).toEqual(['any-type']);
  builder.signal(client);
  expect(find({ ...asClient, signalled: 'unreached' })).toEqual([]);
  expect(find({ ...asClient, signalled: 'check' }).map(({ code }) => code)).toEqual(['any-type']);
});
