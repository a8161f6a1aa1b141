import { queuesRemoved } from '../../src/rules/queues-removed.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  const client = builder.start('client#1');
  const queue = builder.queue(server);
  return { builder, server, client, queue };
}

test('a queue that is removed when it is empty and nobody waits is fine', () => {
  const { builder, server, client, queue } = start();
  builder.receive(server, builder.send(client, queue, 1));
  builder.remove(server, queue);
  expect(check(queuesRemoved, builder.run(), { by: 'server', once: true, early: 'never', made: 1 })).toEqual([]);
});

test('left: still there when all are gone, with who made it', () => {
  const { builder, server, queue } = start();
  builder.exit(server);
  expect(check(queuesRemoved, builder.run(), { by: 'server' })).toEqual([
    {
      code: 'left',
      message: 'Every process has ended, and queue A, made by server#1, is still there.',
      events: [2, 3],
      expected: 'removed with msgctl(…, IPC_RMID) by the server',
      actual: 'left behind',
      processes: [server],
    },
  ]);
  expect(queue).toBe(0);
});

test('a queue that is left because we ended the run is not told', () => {
  const { builder } = start();
  builder.end({ cause: 'deadlock', waits: [] });
  expect(check(queuesRemoved, builder.run())).toEqual([]);
});

test('wrong-remover: by another role than the lab says', () => {
  const { builder, client, queue } = start();
  builder.remove(client, queue);
  expect(check(queuesRemoved, builder.run(), { by: 'server' })).toEqual([
    {
      code: 'wrong-remover',
      message: 'client#1 removed queue A; that is the task of the server.',
      events: [2, 3],
      expected: 'removed by the server',
      actual: 'removed by client#1',
      processes: [client],
    },
  ]);
});

test('too-early-pending: with a message in it', () => {
  const { builder, server, client, queue } = start();
  builder.send(client, queue, 7, pack(1));
  builder.remove(server, queue);
  expect(check(queuesRemoved, builder.run({}))).toEqual([
    {
      code: 'too-early-pending',
      message: 'server#1 removed queue A with a message still in it: message of type 7.',
      events: [3, 4],
      expected: 'every message is received before the queue is removed',
      actual: 'removing it destroyed what was in it',
      processes: [server],
    },
  ]);
});

test('too-early-waiting: while somebody sleeps on it', () => {
  const { builder, server, client, queue } = start();
  builder.remove(server, queue);
  builder.call(client, 'msgrcv', { msgtyp: 3 }, { queue, error: 'EIDRM', waited: true, arrived: 2 });
  expect(check(queuesRemoved, builder.run())).toEqual([
    {
      code: 'too-early-waiting',
      message:
        'server#1 removed queue A while client#1 was still waiting for a message of type 3 in it; its msgrcv fails with EIDRM.',
      events: [3, 4],
      expected: 'removed when nobody needs it any more',
      actual: 'client#1 still needed it',
      processes: [server, client],
    },
  ]);
});

test('what is early is allowed after a planned signal, unless the lab says never', () => {
  const { builder, server, client, queue } = start();
  builder.send(client, queue, 7);
  builder.signal(server);
  builder.remove(server, queue);
  expect(check(queuesRemoved, builder.run())).toEqual([]);
  expect(check(queuesRemoved, builder.run(), { early: 'always' })).toEqual([]);
  expect(check(queuesRemoved, builder.run(), { early: 'never' }).map(({ code }) => code)).toEqual([
    'too-early-pending',
  ]);
});

test('twice: a second attempt, where the lab forbids it', () => {
  const { builder, server, client, queue } = start();
  builder.remove(server, queue);
  builder.remove(client, queue, 'EINVAL');
  expect(check(queuesRemoved, builder.run())).toEqual([]);
  expect(check(queuesRemoved, builder.run(), { once: true })).toEqual([
    {
      code: 'twice',
      message: 'client#1 tried to remove queue A, which server#1 had removed already.',
      events: [3, 4],
      expected: 'removed exactly once',
      actual: 'a second IPC_RMID (EINVAL)',
      processes: [client],
    },
  ]);
});

test('of the creator: neither a stranger nor another process of its role may remove it, a child may', () => {
  const { builder, server, queue } = start();
  const second = builder.start('server#2');
  builder.remove(second, queue);
  expect(check(queuesRemoved, builder.run(), { by: 'server' })).toEqual([]);
  expect(check(queuesRemoved, builder.run(), { by: 'creator' })).toEqual([
    {
      code: 'wrong-remover',
      message: 'server#2 removed queue A of server#1.',
      events: [2, 4],
      expected: 'removed by server#1',
      actual: 'removed by server#2',
      processes: [second],
    },
  ]);
  const family = start();
  family.builder.remove(family.builder.fork(family.server), family.queue);
  expect(check(queuesRemoved, family.builder.run(), { by: 'creator' })).toEqual([]);
  expect(server).toBe(0);
});

test('of the creator alone: not even its child may remove it', () => {
  const removedBy = (who: 'creator' | 'child') => {
    const { builder, server, queue } = start();
    const child = builder.fork(server);
    builder.remove(who === 'child' ? child : server, queue);
    return check(queuesRemoved, builder.run(), { by: 'creator-alone' });
  };
  expect(removedBy('creator')).toEqual([]);
  expect(removedBy('child')).toEqual([
    {
      code: 'wrong-remover',
      message: 'server#1.1 removed queue A of server#1.',
      events: [2, 5],
      expected: 'removed by server#1',
      actual: 'removed by server#1.1',
      processes: [2],
    },
  ]);
});

test('a process may remove a queue that a thread of its own sleeps on', () => {
  const { builder, server, queue } = start();
  builder.remove(server, queue);
  builder.call(server, 'msgrcv', { msgtyp: 3 }, { queue, error: 'EIDRM', waited: true, arrived: 2, thread: 1 });
  expect(check(queuesRemoved, builder.run(), { early: 'never' })).toEqual([]);
});

test('left by a process that gave up: with the call that failed', () => {
  const builder = new TraceBuilder();
  const server = builder.start('server#1');
  builder.queue(server);
  builder.call(server, 'kill', {}, { error: 'ESRCH' });
  builder.exit(server, 1);
  expect(check(queuesRemoved, builder.run())).toEqual([
    {
      code: 'left',
      message:
        'Every process has ended, and queue A, made by server#1, is still there. server#1 had ended with exit status 1 after kill failed with ESRCH.',
      events: [2, 3],
      expected: 'removed with msgctl(…, IPC_RMID)',
      actual: 'left behind',
      processes: [server],
    },
  ]);
});

test('left by a process whose last call failed, as it may, or that failed after it: nothing is said of that call', () => {
  const builder = new TraceBuilder();
  const [first, second] = [builder.start('server#1'), builder.start('server#2')];
  builder.queue(first);
  builder.call(first, 'msgrcv', {}, { error: 'ENOMSG' });
  builder.exit(first, 0);
  builder.queue(second);
  builder.call(second, 'kill', {}, { error: 'ESRCH' });
  builder.call(second, 'msgsnd');
  builder.exit(second, 1);
  expect(check(queuesRemoved, builder.run()).map(({ message }) => message)).toEqual([
    'Every process has ended, and queue A, made by server#1, is still there.',
    'Every process has ended, and queue B, made by server#2, is still there.',
  ]);
});

test('left after a planned signal: with the signal; after a SIGKILL of all who could have removed it, nothing', () => {
  const { builder, server } = start();
  builder.signal(server, 'killed', 'scenario', 'blocked');
  builder.die(server, 'SIGTERM');
  expect(check(queuesRemoved, builder.run(), { by: 'server' })).toEqual([
    {
      code: 'left',
      message:
        'SIGTERM reached server#1 (asleep in its call 1). Every process has ended, and queue A, made by server#1, is still there.',
      events: [2, 3, 4],
      expected: 'removed with msgctl(…, IPC_RMID) by the server',
      actual: 'left behind',
      processes: [server],
    },
  ]);
  const killed = start();
  killed.builder.signal(killed.server, 'killed', 'scenario', 'before', 'SIGKILL');
  killed.builder.die(killed.server, 'SIGKILL');
  expect(check(queuesRemoved, killed.builder.run(), { by: 'server' })).toEqual([]);
  expect(check(queuesRemoved, killed.builder.run())).toEqual([]);
  expect(check(queuesRemoved, killed.builder.run(), { by: 'client' }).map(({ code }) => code)).toEqual(['left']);
});

test("decoy-removed: a stranger's queue; leaving it is fine", () => {
  const { builder, server, queue } = start();
  const decoy = builder.queue(null, 99);
  builder.remove(server, queue);
  expect(check(queuesRemoved, builder.run())).toEqual([]);
  builder.remove(server, decoy);
  expect(check(queuesRemoved, builder.run())).toEqual([
    {
      code: 'decoy-removed',
      message: 'server#1 removed a queue that was there before and belongs to somebody else.',
      events: [4],
      expected: 'only queues of the program itself are removed',
      actual: 'the queue with key 99 is gone',
      processes: [server],
    },
  ]);
});

test('not-made: fewer queues than the lab asks for', () => {
  const builder = new TraceBuilder();
  builder.exit(builder.start('main#1'));
  expect(check(queuesRemoved, builder.run(), { made: 1 })).toEqual([
    {
      code: 'not-made',
      message: 'The program made no message queue.',
      events: [],
      expected: 'at least 1 made with msgget',
      actual: '0',
      processes: [],
    },
  ]);
});

test('left: segments and semaphore sets, where the lab asks for them', () => {
  const { builder, server, queue } = start();
  builder.segment(server);
  builder.semaphores(server);
  builder.remove(server, queue);
  expect(check(queuesRemoved, builder.run(), { by: 'server' })).toEqual([]);
  expect(
    check(queuesRemoved, builder.run(), { objects: ['queues', 'segments', 'semaphores'], by: 'server', made: 1 }),
  ).toEqual([
    {
      code: 'left',
      message: 'Every process has ended, and segment A, made by server#1, is still there.',
      events: [3],
      expected: 'removed with shmctl(…, IPC_RMID) by the server',
      actual: 'left behind',
      processes: [server],
    },
    {
      code: 'left',
      message: 'Every process has ended, and semaphore set A, made by server#1, is still there.',
      events: [4],
      expected: 'removed with semctl(…, IPC_RMID) by the server',
      actual: 'left behind',
      processes: [server],
    },
  ]);
});

test('segments and semaphore sets that the right process removes are fine, though messages wait in a queue', () => {
  const { builder, server, client, queue } = start();
  const segment = builder.segment(server);
  const semaphores = builder.semaphores(server);
  builder.send(client, queue, 1);
  builder.removeOther(server, 'segment', segment);
  builder.removeOther(server, 'semaphores', semaphores);
  const objects = ['segments', 'semaphores'];
  expect(check(queuesRemoved, builder.run(), { objects, by: 'server', once: true, made: 1 })).toEqual([]);
});

test('wrong-remover, twice: a segment that a client removes, and then the server', () => {
  const { builder, server, client } = start();
  const segment = builder.segment(server);
  builder.removeOther(client, 'segment', segment);
  builder.removeOther(server, 'segment', segment);
  expect(check(queuesRemoved, builder.run(), { objects: ['segments'], by: 'server', once: true })).toEqual([
    {
      code: 'wrong-remover',
      message: 'client#1 removed segment A; that is the task of the server.',
      events: [3, 4],
      expected: 'removed by the server',
      actual: 'removed by client#1',
      processes: [client],
    },
    {
      code: 'twice',
      message: 'server#1 tried to remove segment A, which client#1 had removed already.',
      events: [4, 5],
      expected: 'removed exactly once',
      actual: 'a second IPC_RMID',
      processes: [server],
    },
  ]);
});

test('too-early-waiting: a semaphore set that somebody sleeps on', () => {
  const { builder, server, client } = start();
  const semaphores = builder.semaphores(server);
  builder.removeOther(server, 'semaphores', semaphores);
  builder.semop(client, semaphores, [{ op: -1 }], { error: 'EIDRM', waited: true, arrived: 3 });
  expect(check(queuesRemoved, builder.run(), { objects: ['semaphores'] })).toEqual([
    {
      code: 'too-early-waiting',
      message:
        'server#1 removed semaphore set A while client#1 was still waiting for a semaphore of it; its semop fails with EIDRM.',
      events: [4, 5],
      expected: 'removed when nobody needs it any more',
      actual: 'client#1 still needed it',
      processes: [server, client],
    },
  ]);
});

test('not-made: no semaphore set, where the lab asks for one', () => {
  const { builder } = start();
  expect(check(queuesRemoved, builder.run(), { objects: ['semaphores'], made: 1 })).toEqual([
    {
      code: 'not-made',
      message: 'The program made no semaphore set.',
      events: [],
      expected: 'at least 1 made with semget',
      actual: '0',
      processes: [],
    },
  ]);
});
