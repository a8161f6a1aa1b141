import type { SignalName } from '@ipclab/native/supervisor';
import { blockedSignals } from '../../src/rules/blocked-signals.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const formats = {
  debit: { mtype: { min: 2, max: 2 }, fields: {} },
  credit: { mtype: { min: 3, max: 3 }, fields: {} },
};
const wanted = {
  role: 'receiver',
  signals: ['SIGINT'],
  from: { call: 'msgsnd', format: 'debit' },
  to: { call: 'msgsnd', format: 'credit' },
};
const [INT, USR1]: SignalName[] = ['SIGINT', 'SIGUSR1'];

function start() {
  const builder = new TraceBuilder();
  const receiver = builder.start('receiver#1'); // 0
  const queue = builder.queue(receiver); // 1
  let blocked: SignalName[] = [];
  const annotate = (seq: number) => {
    if (blocked.length > 0) Object.assign(builder.trace.events[seq]!, { blocked: [...blocked] });
    return seq;
  };
  const mask = (how: 'SIG_BLOCK' | 'SIG_UNBLOCK' | 'SIG_SETMASK', signals: SignalName[], after: SignalName[]) => {
    blocked = after;
    return annotate(builder.call(receiver, 'sigprocmask', { how, signals }));
  };
  const send = (mtype: number) => annotate(builder.trace.messages[builder.send(receiver, queue, mtype)]!.sentAt!);
  const call = (name: 'kill' | 'sigsuspend') => annotate(builder.call(receiver, name));
  const handle = (signal: SignalName) => builder.signal(receiver, 'handler', 'kernel', undefined, signal);
  const find = (parameters: object = {}) => check(blockedSignals, builder.run(formats), { ...wanted, ...parameters });
  return { builder, receiver, mask, send, call, handle, find };
}

test('a section in which the signal is blocked, after which the mask is as before, is fine', () => {
  const { builder, receiver, mask, send, call, handle, find } = start();
  mask('SIG_BLOCK', [USR1!], [USR1!]);
  for (let round = 0; round < 2; round++) {
    call('sigsuspend');
    handle(INT!);
    mask('SIG_BLOCK', [INT!], [INT!, USR1!]);
    send(2);
    handle('SIGTERM');
    send(3);
    mask('SIG_SETMASK', [USR1!], [USR1!]);
    handle(INT!);
    call('kill');
  }
  builder.exit(receiver);
  expect(find()).toEqual([]);
});

test('a signal that was blocked all the time may stay so', () => {
  const { mask, send, call, handle, find } = start();
  mask('SIG_BLOCK', [INT!, USR1!], [INT!, USR1!]);
  for (let round = 0; round < 2; round++) {
    call('sigsuspend');
    handle(INT!);
    send(2);
    send(3);
  }
  expect(find()).toEqual([]);
});

test('a handler that runs when the section is over blocks its signal only while it runs', () => {
  const { builder, receiver, mask, send, find, call } = start();
  mask('SIG_BLOCK', [INT!], [INT!]);
  send(2);
  send(3);
  mask('SIG_SETMASK', [], []);
  Object.assign(builder.trace.events[call('kill')]!, { blocked: [INT] });
  builder.exit(receiver);
  expect(find()).toEqual([]);
});

test('interrupted: a handler runs in the middle', () => {
  const { send, handle, find } = start();
  send(2); // 2
  handle(USR1!);
  handle(INT!); // 4
  send(3); // 5
  send(2);
  handle(INT!);
  expect(find()).toEqual([
    {
      code: 'interrupted',
      message: 'The handler of SIGINT ran while receiver#1 was in the middle of its critical section.',
      events: [2, 4, 5],
      expected: 'SIGINT is blocked from before the section until after it',
      actual: 'it was delivered in the middle',
      processes: [0],
    },
  ]);
  expect(find({ role: 'other' })).toEqual([]);
  expect(find({ signals: ['SIGTERM'] })).toEqual([]);
  // The first end is the end.
  expect(find({ from: { call: 'msgget' }, to: { call: 'msgsnd' } })).toEqual([]);
});

test('a section that begins with a call that fails is none; one that never ends is one', () => {
  const { builder, receiver, handle, send, find } = start();
  builder.call(receiver, 'msgsnd', { mtype: 2 }, { error: 'EAGAIN' });
  handle(INT!);
  expect(find()).toEqual([]);
  send(2); // 4
  builder.signal(receiver, 'killed', 'kernel', undefined, 'SIGINT');
  expect(find()).toEqual([]);
  handle(INT!); // 6
  expect(find().map(({ code, events }) => ({ code, events }))).toEqual([{ code: 'interrupted', events: [4, 6] }]);
});

test('a planned signal is what it is about: the lab says whether it is asked for then', () => {
  const { builder, receiver, send, find } = start();
  send(2);
  builder.signal(receiver, 'handler', 'scenario', 'entry', 'SIGINT');
  send(3);
  expect(find()).toEqual([]);
  expect(find({ signalled: 'unreached' })).toEqual([]);
  expect(find({ signalled: 'check' }).map(({ code }) => code)).toEqual(['interrupted']);
});

test('not-restored: the signal stays blocked', () => {
  const { builder, receiver, mask, send, call, find } = start();
  call('sigsuspend'); // 2
  mask('SIG_BLOCK', [INT!], [INT!]); // 3
  send(2);
  send(3); // 5
  call('kill'); // 6
  call('sigsuspend'); // 7
  builder.exit(receiver);
  expect(find()).toEqual([
    {
      code: 'not-restored',
      message: 'receiver#1 has not unblocked SIGINT after its critical section.',
      events: [3, 5, 6],
      expected: 'the signal mask is as it was before the section',
      actual: 'SIGINT is still blocked after sigsuspend',
      processes: [0],
    },
  ]);
  expect(find({ signals: ['SIGTERM'] })).toEqual([]);
});

test('not-restored: nor is it before the next section, or at the end', () => {
  const { mask, send, find } = start();
  mask('SIG_BLOCK', [INT!], [INT!]); // 2
  send(2);
  send(3); // 4
  expect(find().map(({ code, events }) => ({ code, events }))).toEqual([{ code: 'not-restored', events: [2, 4] }]);
  send(2); // 5
  send(3);
  mask('SIG_SETMASK', [], []);
  expect(find().map(({ code, events }) => ({ code, events }))).toEqual([{ code: 'not-restored', events: [2, 4] }]);
});

test('unblocked-others: what was blocked for other reasons is free', () => {
  const { mask, send, call, find } = start();
  mask('SIG_BLOCK', [USR1!], [USR1!]);
  call('sigsuspend');
  mask('SIG_BLOCK', [INT!], [INT!, USR1!]); // 4
  send(2);
  send(3); // 6
  mask('SIG_SETMASK', [], []); // 7
  expect(find()).toEqual([
    {
      code: 'unblocked-others',
      message: 'receiver#1 unblocked SIGUSR1, too, after its critical section.',
      events: [4, 6, 7],
      expected: 'the mask is as it was before the section, with SIGUSR1 blocked',
      actual: 'SIGUSR1 is not blocked any more',
      processes: [0],
    },
  ]);
});

test('a section that begins by setting the whole mask does not tell what was blocked before', () => {
  const { mask, send, find } = start();
  mask('SIG_BLOCK', [USR1!], [USR1!]);
  mask('SIG_SETMASK', [INT!, USR1!], [INT!, USR1!]);
  send(2);
  send(3);
  mask('SIG_SETMASK', [], []);
  expect(find()).toEqual([]);
});

test('a section is of one process, and of messages of its formats alone', () => {
  const { builder, send, handle, find } = start();
  const other = builder.start('sender#1');
  const third = builder.start('receiver#2');
  // Not a debit; and a credit that ends nothing.
  send(3);
  handle(INT!);
  expect(find()).toEqual([]);
  expect(find({ from: { call: 'msgrcv', format: 'debit' } })).toEqual([]);
  const from = send(2);
  builder.signal(other, 'handler', 'kernel', undefined, 'SIGINT');
  builder.signal(third, 'handler', 'kernel', undefined, 'SIGINT');
  builder.call(third, 'msgsnd', { mtype: 3 }, { error: 'EAGAIN' });
  builder.print(0, 'between');
  const to = send(3);
  expect(find()).toEqual([]);
  expect([from, to].map((seq) => builder.trace.events[seq]!.process)).toEqual([0, 0]);
});

test('without a format, each call of the name that succeeds is an edge', () => {
  const { builder, receiver, send, handle, find } = start();
  const edges = { from: { call: 'semop' }, to: { call: 'kill' } };
  builder.call(receiver, 'semop', {}, { error: 'EINTR' });
  handle(INT!);
  const from = builder.call(receiver, 'semop'); // 4
  builder.call(receiver, 'kill', {}, { error: 'ESRCH' });
  send(2);
  handle(INT!); // 7
  const to = builder.call(receiver, 'kill'); // 8
  expect(find(edges).map(({ code, events }) => ({ code, events }))).toEqual([
    { code: 'interrupted', events: [from, to - 1, to] },
  ]);
});

test('a handler that runs just before the section or just after it does not interrupt it', () => {
  const { send, handle, find } = start();
  handle(INT!);
  send(2);
  send(3);
  handle(INT!);
  expect(find()).toEqual([]);
});

test('not-restored: one call after which the mask is right is enough, and only what the rule is about counts', () => {
  const { builder, receiver, mask, send, call, find } = start();
  mask('SIG_BLOCK', [USR1!], [USR1!]);
  call('kill');
  mask('SIG_BLOCK', [INT!], [INT!, USR1!]);
  send(2);
  send(3);
  call('kill');
  mask('SIG_SETMASK', [USR1!], [USR1!]);
  builder.exit(receiver);
  expect(find()).toEqual([]);
  // To the rule with both, SIGUSR1 was blocked before.
  expect(find({ signals: ['SIGINT', 'SIGUSR1'] })).toEqual([]);
});

test('not-restored: the event that blocked it is the last change of the mask before the section', () => {
  const { mask, send, call, find } = start();
  call('kill');
  const blocking = mask('SIG_BLOCK', [INT!], [INT!]);
  call('kill');
  const from = send(2);
  const to = send(3);
  call('kill');
  call('sigsuspend');
  // It was blocked at the call before the section already, whatever set it so.
  expect(find()).toEqual([]);
  expect([blocking, from, to]).toEqual([3, 5, 6]);
});

test('unblocked-others: only a SIG_BLOCK before and a change after tell', () => {
  const { mask, send, call, find } = start();
  mask('SIG_BLOCK', [USR1!], [USR1!]);
  mask('SIG_BLOCK', [INT!], [INT!, USR1!]);
  send(2);
  send(3);
  call('kill');
  expect(find({ signals: ['SIGTERM'] })).toEqual([]);
  mask('SIG_SETMASK', [USR1!], [USR1!]);
  expect(find()).toEqual([]);
});
