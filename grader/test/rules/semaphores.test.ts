import { semaphores } from '../../src/rules/semaphores.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const TAKE = [{ op: -1, undo: true }];
const GIVE = [{ op: 1, undo: true }];
const FORMATS = {
  job: { mtype: { max: 1 }, fields: { slot: 'int' } },
  token: { mtype: { min: 2, max: 2 }, fields: {} },
  reply: { mtype: { min: 3 }, fields: { slot: 'int' } },
};
const GUARDS = [
  { send: 'job', from: 'client' },
  { send: 'reply', after: 'job' },
];

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const client = builder.start('client#1');
  const queue = builder.queue(server);
  const set = builder.semaphores(server);
  builder.call(server, 'semctl', { cmd: 'SETVAL' }, { semaphores: set });
  return { builder, server, client, queue, set };
}

test('one at a time, data told of after they are written, and a killed holder with SEM_UNDO, are fine', () => {
  const { builder, server, client, queue, set } = start();
  builder.semop(client, set, TAKE);
  builder.semop(client, set, GIVE);
  const job = builder.send(client, queue, 1, pack(0));
  builder.receive(server, job);
  builder.semop(server, set, TAKE);
  builder.semop(server, set, GIVE);
  builder.send(server, queue, 20_001, pack(0));
  builder.semop(client, set, TAKE);
  builder.die(client, 'SIGKILL');
  builder.semop(server, set, TAKE, { waited: true, arrived: 8 });
  builder.semop(server, set, GIVE);
  builder.exit(server);
  expect(check(semaphores, builder.run(FORMATS), { guards: GUARDS })).toEqual([]);
});

test('left-taken: a holder is killed, and had not asked for SEM_UNDO', () => {
  const { builder, client, set } = start();
  builder.semop(client, set, [{ op: -1 }]);
  builder.die(client, 'SIGKILL');
  expect(check(semaphores, builder.run())).toEqual([
    {
      code: 'left-taken',
      message:
        'client#1 was killed by SIGKILL, and semaphore 0 of semaphore set A stays taken: nobody can take it any more.',
      events: [5, 6],
      expected: 'given back, or taken with SEM_UNDO',
      actual: 'taken for ever',
      processes: [client],
    },
  ]);
});

test('left-taken: given back with SEM_UNDO, though it was taken without: the kernel takes that back', () => {
  const { builder, client, set } = start();
  builder.semop(client, set, [{ op: -1 }]);
  builder.semop(client, set, GIVE);
  builder.exit(client);
  expect(check(semaphores, builder.run()).map(({ code, events }) => [code, events])).toEqual([['left-taken', [6, 7]]]);
});

test('a set that was removed before its holder ended is of no account; nor are other semaphores than the lock', () => {
  const { builder, server, client, set } = start();
  builder.semop(client, set, [{ num: 1, op: -1 }]);
  builder.semop(server, set, [{ op: -1 }]);
  builder.exit(client);
  builder.removeOther(server, 'semaphores', set);
  builder.exit(server);
  expect(check(semaphores, builder.run())).toEqual([]);
  expect(check(semaphores, builder.run(), { lock: { semaphore: 1 } }).map(({ code }) => code)).toEqual(['left-taken']);
});

test('given-twice: taken with SEM_UNDO, given back without', () => {
  const { builder, client, set } = start();
  builder.semop(client, set, TAKE);
  builder.semop(client, set, [{ op: 1 }]);
  builder.exit(client);
  expect(check(semaphores, builder.run())).toEqual([
    {
      code: 'given-twice',
      message:
        'client#1 ended, and semaphore 0 of semaphore set A was given back once more, by the kernel: now two can take it.',
      events: [6, 7],
      expected: 'SEM_UNDO in both operations, or in none',
      actual: 'one too many',
      processes: [client],
    },
  ]);
});

test('what a set value clears is not undone, and the first value may be set by semop', () => {
  const { builder, server, client, set } = start();
  builder.semop(server, set, [{ op: 1 }]);
  builder.semop(client, set, TAKE);
  builder.call(server, 'semctl', { cmd: 'SETALL' }, { semaphores: set });
  builder.exit(client);
  builder.exit(server);
  expect(check(semaphores, builder.run())).toEqual([]);
});

test('two-inside: the semaphore lets in two', () => {
  const { builder, server, client, set } = start();
  builder.semop(client, set, TAKE);
  builder.semop(server, set, TAKE);
  builder.semop(client, set, GIVE);
  builder.semop(server, set, GIVE);
  expect(check(semaphores, builder.run())).toEqual([
    {
      code: 'two-inside',
      message: 'server#1 took semaphore 0 of semaphore set A while client#1 had it.',
      events: [5, 6, 7],
      expected: 'one at a time',
      actual: 'two inside',
      processes: [client, server],
    },
  ]);
});

test('a token that is handed on is fine, and its last holder may keep it', () => {
  const { builder, server, client, queue } = start();
  const first = builder.send(server, queue, 2);
  builder.receive(client, first);
  const second = builder.send(client, queue, 2);
  builder.receive(server, second);
  builder.exit(server);
  builder.exit(client);
  expect(check(semaphores, builder.run(FORMATS), { lock: { token: 'token' } })).toEqual([]);
});

test('two-inside: two tokens; left-taken: one that was not handed on, and is waited for', () => {
  const { builder, server, client, queue } = start();
  builder.receive(client, builder.send(server, queue, 2));
  builder.receive(server, builder.send(server, queue, 2));
  builder.exit(client);
  builder.end({
    cause: 'deadlock',
    waits: [{ process: server, call: 9, name: 'msgrcv', args: {}, kind: 'message', queue, certain: true }],
  });
  expect(check(semaphores, builder.run(FORMATS), { lock: { token: 'token' } })).toEqual([
    {
      code: 'left-taken',
      message: 'client#1 ended, and the token of queue A stays taken: nobody can take it any more.',
      events: [6, 9],
      expected: 'given back, or taken with SEM_UNDO',
      actual: 'taken for ever',
      processes: [client],
    },
    {
      code: 'two-inside',
      message: 'server#1 took the token of queue A while client#1 had it.',
      events: [6, 8],
      expected: 'one at a time',
      actual: 'two inside',
      processes: [client, server],
    },
  ]);
});

test('unguarded: a reply without a critical section since its request', () => {
  const { builder, server, client, queue, set } = start();
  builder.semop(server, set, TAKE);
  builder.semop(server, set, GIVE);
  const job = builder.send(client, queue, 1, pack(0));
  builder.receive(server, job);
  builder.send(server, queue, 20_001, pack(0));
  expect(check(semaphores, builder.run(FORMATS), { guards: GUARDS })).toEqual([
    {
      code: 'unguarded',
      message: 'client#1 sent a job of type 1 {slot: 0}, and had not taken semaphore 0 before.',
      events: [7],
      expected: 'taken, written, given back, and only then sent',
      actual: 'never taken',
      processes: [client],
    },
    {
      code: 'unguarded',
      message:
        'server#1 sent a reply of type 20001 {slot: 0}, and had not taken semaphore 0 since it received the job of type 1 {slot: 0}.',
      events: [8, 9],
      expected: 'taken, written, given back, and only then sent',
      actual: 'never taken',
      processes: [server],
    },
  ]);
});

describe('two-inside', () => {
  test('is told once, and not of one process, of two sets, or of one after the other', () => {
    const { builder, server, client, set } = start();
    const other = builder.semaphores(server);
    builder.semop(client, set, TAKE);
    builder.semop(client, set, GIVE);
    builder.semop(server, other, TAKE);
    builder.semop(client, set, TAKE);
    builder.semop(client, set, GIVE);
    builder.semop(server, set, TAKE);
    expect(check(semaphores, builder.run())).toEqual([]);
    const third = builder.start('client#2');
    for (const process of [third, client]) builder.semop(process, set, TAKE);
    expect(check(semaphores, builder.run()).map(({ message }) => message)).toEqual([
      'client#2 took semaphore 0 of semaphore set A while server#1 had it.',
    ]);
  });

  test('is not told of one who died and had it; that it stays taken is told', () => {
    const { builder, server, client, set } = start();
    builder.semop(client, set, [{ op: -1 }]);
    builder.exit(client);
    builder.semop(server, set, TAKE);
    expect(check(semaphores, builder.run())).toEqual([
      {
        code: 'left-taken',
        message: 'client#1 ended, and semaphore 0 of semaphore set A stays taken: nobody can take it any more.',
        events: [5, 6],
        expected: 'given back, or taken with SEM_UNDO',
        actual: 'taken for ever',
        processes: [client],
      },
    ]);
  });
});

describe('unguarded', () => {
  const find = (builder: TraceBuilder, guards: object[], more: object = {}) =>
    check(semaphores, builder.run(FORMATS), { guards, ...more }).map(({ message, events }) => [message, events]);

  test('asks for a section since the last request, not since the first; one that is not over counts', () => {
    const { builder, server, client, queue, set } = start();
    const after = [{ send: 'reply', after: 'job' }];
    builder.receive(server, builder.send(client, queue, 1, pack(0)));
    builder.semop(server, set, TAKE);
    const jobs = [1, 2].map((slot) => builder.send(client, queue, 1, pack(slot)));
    const received = builder.receive(server, jobs[0]!);
    builder.receive(server, builder.send(client, queue, 2)); // a token is no request
    builder.send(server, queue, 20_001, pack(1)); // still inside
    builder.semop(server, set, GIVE);
    builder.send(server, queue, 20_001, pack(1)); // was inside since the request
    expect(find(builder, after)).toEqual([]);
    const again = builder.receive(server, jobs[1]!);
    const told = builder.trace.events.length;
    builder.send(server, queue, 20_001, pack(2));
    expect(again).toBeGreaterThan(received);
    expect(find(builder, after)).toEqual([
      [
        'server#1 sent a reply of type 20001 {slot: 2}, and had not taken semaphore 0 since it received the job of type 1 {slot: 2}.',
        [again, told],
      ],
    ]);
  });

  test('is told of each sender once, of the role and the format that are named; what the scenario sends is its own', () => {
    const { builder, server, client, queue, set } = start();
    const scenario = builder.send(client, queue, 1, pack(0));
    Object.assign(builder.trace.messages[scenario]!, { sender: null, sentAt: null });
    builder.send(client, queue, 20_001, pack(1));
    const events = [client, client, server].map((process) => {
      const seq = builder.trace.events.length;
      builder.send(process, queue, 1, pack(2));
      return seq;
    });
    builder.semop(client, set, TAKE); // too late
    const said = (who: string, seq: number) => [
      `${who} sent a job of type 1 {slot: 2}, and had not taken semaphore 0 before.`,
      [seq],
    ];
    expect(find(builder, [{ send: 'job' }])).toEqual([said('client#1', events[0]!), said('server#1', events[2]!)]);
    expect(find(builder, [{ send: 'job', from: 'server' }])).toEqual([said('server#1', events[2]!)]);
  });

  test('by a token, too; the section of another is not one’s own', () => {
    const { builder, server, client, queue } = start();
    builder.receive(server, builder.send(client, queue, 2));
    const seq = builder.trace.events.length;
    builder.send(client, queue, 1, pack(0));
    builder.send(server, queue, 1, pack(1));
    expect(find(builder, [{ send: 'job' }], { lock: { token: 'token' } })).toEqual([
      ['client#1 sent a job of type 1 {slot: 0}, and had not taken the token before.', [seq]],
    ]);
  });
});
