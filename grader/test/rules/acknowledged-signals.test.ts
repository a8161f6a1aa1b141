import { acknowledgedSignals } from '../../src/rules/acknowledged-signals.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const wanted = { signal: 'SIGUSR1', ack: 'SIGUSR2', from: 'sender', to: 'receiver' };

function start() {
  const builder = new TraceBuilder();
  const sender = builder.start('sender#1'); // 0
  const receiver = builder.start('receiver#1'); // 1
  const tell = () => builder.call(sender, 'kill', { signal: 'SIGUSR1' }, { target: receiver });
  const take = () => builder.signal(receiver, 'handler', sender, undefined, 'SIGUSR1');
  const answer = () => builder.call(receiver, 'kill', { signal: 'SIGUSR2' }, { target: sender });
  const hear = () => builder.signal(sender, 'handler', receiver, undefined, 'SIGUSR2');
  const find = (parameters: object = {}) => check(acknowledgedSignals, builder.run(), { ...wanted, ...parameters });
  return { builder, sender, receiver, tell, take, answer, hear, find };
}

test('signals that are sent one by one, each after the acknowledgement of the last, are fine', () => {
  const { builder, sender, receiver, tell, take, answer, hear, find } = start();
  for (let number = 1; number <= 3; number++) {
    tell();
    take();
    answer();
    hear();
  }
  tell();
  // Waited for without a handler.
  builder.call(receiver, 'sigtimedwait', {}, { result: 10 });
  answer();
  builder.call(sender, 'sigtimedwait', {}, { result: 12 });
  tell();
  expect(find()).toEqual([]);
});

test('too-soon: the next one goes while the last is not acknowledged', () => {
  const { builder, sender, receiver, tell, take, answer, hear, find } = start();
  tell();
  take();
  answer();
  hear();
  tell(); // 6
  builder.call(sender, 'sigtimedwait', {}, { error: 'EAGAIN' });
  builder.signal(sender, 'handler', receiver, undefined, 'SIGCHLD');
  builder.signal(sender, 'ignored', receiver, undefined, 'SIGUSR2');
  builder.signal(receiver, 'handler', sender, undefined, 'SIGUSR2');
  tell(); // 11
  tell();
  expect(find()).toEqual([
    {
      code: 'too-soon',
      message: 'sender#1 sent receiver#1 another SIGUSR1 before the SIGUSR2 for the last one had come.',
      events: [6, 11],
      expected: 'one SIGUSR1, then its SIGUSR2, then the next',
      actual: 'two SIGUSR1 with no SIGUSR2 in between',
      processes: [0],
    },
  ]);
  expect(find({ from: 'other' })).toEqual([]);
  expect(find({ to: 'other' })).toEqual([]);
  builder.signal(receiver, 'handler', 'scenario', 'before', 'SIGINT');
  expect(find()).toEqual([]);
  expect(find({ signalled: 'unreached' }).map(({ code }) => code)).toEqual(['too-soon']);
});

test('unasked: an acknowledgement of what has not come', () => {
  const { tell, take, answer, find } = start();
  tell();
  take(); // 3
  answer();
  answer(); // 5
  answer();
  expect(find()).toEqual([
    {
      code: 'unasked',
      message: 'receiver#1 sent SIGUSR2 number 2 when 1 SIGUSR1 had come to it.',
      events: [3, 5],
      expected: 'one SIGUSR2 for each SIGUSR1, after it has come',
      actual: '2 SIGUSR2 for 1 SIGUSR1',
      processes: [1],
    },
  ]);
});

test('signals to others, that failed, or of another kind, are none of them', () => {
  const { builder, sender, receiver, find } = start();
  const other = builder.start('other#1');
  for (const target of [other, receiver]) {
    builder.call(sender, 'kill', { signal: 'SIGUSR1' }, { target: other });
    builder.call(sender, 'kill', { signal: 'SIGUSR1' }, { target, error: 'ESRCH' });
    builder.call(sender, 'kill', { signal: '0' }, { target });
    builder.call(sender, 'kill', { signal: 'SIGUSR1' });
  }
  expect(find()).toEqual([]);
});
