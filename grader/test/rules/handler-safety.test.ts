import type { CallName, SignalName } from '@ipclab/native/supervisor';
import { handlerSafety } from '../../src/rules/handler-safety.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const expected = 'a handler that makes no call but those on the list of signal-safety(7)';

function start() {
  const builder = new TraceBuilder();
  const server = builder.start('server#1'); // 0
  const client = builder.start('client#1'); // 1
  const call = (process: number, name: CallName, inHandler: SignalName | null = 'SIGTERM') =>
    builder.call(process, name, {}, inHandler === null ? {} : { inHandler });
  const find = (parameters: object = {}) => check(handlerSafety, builder.run(), parameters);
  return { builder, server, client, call, find };
}

test('a handler may make any call that is on the list, and the program outside of it any call at all', () => {
  const { builder, server, call, find } = start();
  for (const name of ['msgget', 'msgsnd', 'msgrcv', 'msgctl', 'semop', 'shmat'] as const) call(server, name, null);
  builder.signal(server);
  for (const name of ['kill', 'sigaction', 'sigprocmask', 'sigsuspend', 'pause', 'alarm', 'wait', 'fork'] as const)
    call(server, name);
  for (const name of ['sleep', 'open', 'read', 'write', 'close', 'rename', 'unlink', 'execve'] as const)
    call(server, name);
  call(server, 'msgrcv', null);
  expect(find()).toEqual([]);
});

test.each(['msgget', 'msgsnd', 'msgrcv', 'msgctl', 'semget', 'semop', 'semctl'] as const)(
  'unsafe-call: %s, with the signal and the call',
  (name) => {
    const { builder, server, call, find } = start();
    builder.signal(server); // 2
    call(server, name); // 3
    expect(find()).toEqual([
      {
        code: 'unsafe-call',
        message: `server#1 called ${name} in its handler of SIGTERM.`,
        events: [2, 3],
        expected,
        actual: `${name} in the handler of SIGTERM`,
        processes: [0],
      },
    ]);
  },
);

test('each process and name is told once, however often and in however many handlers', () => {
  const { builder, server, client, call, find } = start();
  builder.signal(server, 'handler', 'scenario', 'before', 'SIGHUP'); // 2
  builder.signal(server, 'ignored', 'scenario', 'before', 'SIGTERM');
  call(server, 'shmdt', 'SIGHUP'); // 4
  builder.signal(server); // 5
  for (let i = 0; i < 3; i++) call(server, 'shmctl'); // 6
  call(server, 'shmdt');
  builder.signal(client, 'handler', 1); // 10
  call(client, 'shmdt'); // 11
  builder.signal(server); // 12
  const base = { code: 'unsafe-call', expected };
  expect(find()).toEqual([
    {
      ...base,
      message: 'server#1 called shmdt in its handler of SIGHUP.',
      events: [2, 4],
      actual: 'shmdt in the handler of SIGHUP',
      processes: [0],
    },
    {
      ...base,
      message: 'server#1 called shmctl in its handler of SIGTERM.',
      events: [5, 6],
      actual: 'shmctl in the handler of SIGTERM',
      processes: [0],
    },
    {
      ...base,
      message: 'client#1 called shmdt in its handler of SIGTERM.',
      events: [10, 11],
      actual: 'shmdt in the handler of SIGTERM',
      processes: [1],
    },
  ]);
});

test('a call that never returned is one, too', () => {
  const { builder, server, find } = start();
  builder.signal(server); // 2
  const wait = { process: server, call: 1, args: {}, certain: true } as const;
  builder.end({
    cause: 'deadlock',
    waits: [
      { ...wait, name: 'msgrcv', kind: 'message', inHandler: 'SIGTERM' },
      { ...wait, process: 1, name: 'semop', kind: 'semaphore' },
    ],
  });
  expect(find()).toEqual([
    {
      code: 'unsafe-call',
      message: 'server#1 called msgrcv in its handler of SIGTERM.',
      events: [2],
      expected,
      actual: 'msgrcv in the handler of SIGTERM, where it waits',
      processes: [0],
    },
  ]);
});

test('a child forked in the handler is still in it: the signal is the parent’s', () => {
  const { builder, server, call, find } = start();
  builder.signal(server); // 2
  const child = builder.fork(server); // 3, starts: 4
  call(child, 'shmget'); // 5
  expect(find()).toEqual([
    {
      code: 'unsafe-call',
      message: 'server#1.1 called shmget in its handler of SIGTERM.',
      events: [2, 5],
      expected,
      actual: 'shmget in the handler of SIGTERM',
      processes: [child],
    },
  ]);
});

test('roles says whose handlers, and allow what is permitted in them', () => {
  const { builder, server, client, call, find } = start();
  builder.signal(server); // 2
  call(server, 'msgsnd'); // 3
  call(server, 'msgctl'); // 4
  call(client, 'shmat'); // 5, of a signal that is not in the trace
  const base = { code: 'unsafe-call', expected: `${expected}, and msgsnd, shmget` };
  const ofClient = {
    ...base,
    message: 'client#1 called shmat in its handler of SIGTERM.',
    events: [5],
    actual: 'shmat in the handler of SIGTERM',
    processes: [1],
  };
  expect(find({ allow: ['msgsnd', 'shmget'] })).toEqual([
    {
      ...base,
      message: 'server#1 called msgctl in its handler of SIGTERM.',
      events: [2, 4],
      actual: 'msgctl in the handler of SIGTERM',
      processes: [0],
    },
    ofClient,
  ]);
  expect(find({ roles: ['client'], allow: ['msgsnd', 'shmget'] })).toEqual([ofClient]);
  expect(find({ roles: ['server'], allow: ['msgsnd', 'msgctl'] })).toEqual([]);
});
