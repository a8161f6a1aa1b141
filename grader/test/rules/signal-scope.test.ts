import { signalScope } from '../../src/rules/signal-scope.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

const wanted = { role: 'ctl', to: { daemon: ['SIGTERM', 'SIGHUP'] } };

function start() {
  const builder = new TraceBuilder();
  const daemon = builder.start('daemon#1'); // 0, pid 20000
  const ctl = builder.start('ctl#1'); // 1
  const kill = (pid: number, signal: `SIG${string}` | '0', target?: number, by = ctl) =>
    builder.call(by, 'kill', { pid, signal }, target === undefined ? {} : { target });
  const find = (parameters: object = {}) => check(signalScope, builder.run(), { ...wanted, ...parameters });
  return { builder, daemon, ctl, kill, find };
}

test('signals to whom they are for, to oneself and to a child, and the null signal to anybody, are fine', () => {
  const { builder, daemon, ctl, kill, find } = start();
  kill(20_000, 'SIGTERM', daemon);
  kill(20_000, 'SIGHUP', daemon);
  kill(20_000, '0', daemon);
  kill(77, '0');
  const child = builder.fork(ctl);
  kill(20_002, 'SIGKILL', child);
  kill(20_001, 'SIGUSR1', ctl);
  // Somebody else's.
  kill(20_001, 'SIGKILL', ctl, daemon);
  builder.call(ctl, 'kill', { pid: 20_000, signal: 'SIGKILL' }, { target: daemon, error: 'EPERM' });
  expect(find()).toEqual([]);
});

test('broadcast: 0 and negative numbers are many processes', () => {
  const { kill, find } = start();
  kill(0, 'SIGTERM'); // 2
  kill(-1, 'SIGTERM');
  kill(-5, '0');
  const base = { code: 'broadcast', expected: 'the pid of one process', processes: [1] };
  expect(find()).toEqual([
    {
      ...base,
      message: 'ctl#1 called kill with pid 0, which is every process of its group, itself among them.',
      events: [2],
      actual: 'kill(0, SIGTERM)',
    },
    {
      ...base,
      message: 'ctl#1 called kill with pid -1, which is every process that it may signal.',
      events: [3],
      actual: 'kill(-1, SIGTERM)',
    },
    {
      ...base,
      message: 'ctl#1 called kill with pid -5, which is every process of group 5.',
      events: [4],
      actual: 'kill(-5, 0)',
    },
  ]);
  expect(find({ role: 'other' })).toEqual([]);
});

test('stranger: another process, another signal, or a number that is nobody’s of the run', () => {
  const { builder, daemon, kill, find } = start();
  const other = builder.start('other#1'); // 2
  kill(20_000, 'SIGKILL', daemon); // 3
  kill(20_002, 'SIGTERM', other);
  kill(4711, 'SIGTERM');
  const expected = 'SIGTERM, SIGHUP to a daemon';
  expect(find()).toEqual([
    {
      code: 'stranger',
      message: 'ctl#1 sent SIGKILL to daemon#1, which is not for it.',
      events: [3],
      expected,
      actual: 'SIGKILL to daemon#1',
      processes: [1],
    },
    {
      code: 'stranger',
      message: 'ctl#1 sent SIGTERM to other#1, which is not for it.',
      events: [4],
      expected,
      actual: 'SIGTERM to other#1',
      processes: [1],
    },
    {
      code: 'stranger',
      message: 'ctl#1 sent SIGTERM to process 4711, which is not for it.',
      events: [5],
      expected,
      actual: 'SIGTERM to process 4711',
      processes: [1],
    },
  ]);
  builder.signal(daemon);
  expect(find()).toEqual([]);
  expect(find({ signalled: 'unreached' })).toHaveLength(3);
});
