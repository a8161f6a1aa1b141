import type { FreeHistory, HistoryEvent } from '@ipclab/native/supervisor';
import { linearize, type LinearizeOptions } from '../../src/history/linearize.js';
import { control, createHistory, get, left, QUEUE, receive, send } from './histories.js';

/** Places of the events in the order that was found; or of the calls that have none. */
function findOrder(
  events: HistoryEvent[],
  more: Partial<FreeHistory> = left(),
  options: LinearizeOptions = {},
): number[] | { none: number[] } | 'too long' {
  const found = linearize(createHistory(events, more), options);
  if ('order' in found) return found.order.map(({ event }) => event);
  return 'violation' in found ? { none: found.violation.calls } : 'too long';
}
const made = get(0, [1, 2], 0);

describe('time', () => {
  test('calls that do not overlap stay as they were', () => {
    expect(findOrder([made, send(0, [3, 4], 1, 'a'), receive(1, [5, 6], 0, [1, 'a'])])).toEqual([0, 1, 2]);
  });

  test('a receive may return before the send of its message has', () => {
    expect(findOrder([made, send(0, [3, 9], 1, 'a'), receive(1, [4, 5], 0, [1, 'a'])])).toEqual([0, 1, 2]);
  });

  test('a message is not received before it is sent', () => {
    expect(findOrder([made, receive(1, [3, 4], 0, [1, 'a']), send(0, [5, 6], 1, 'a')])).toEqual({ none: [0, 1] });
  });

  test('overlapping sends take effect in the order in which they are received', () => {
    const sends = [send(0, [3, 8], 1, 'a'), send(1, [4, 7], 1, 'b'), send(2, [5, 6], 1, 'c')];
    const receives = [
      receive(3, [9, 10], 0, [1, 'b']),
      receive(3, [11, 12], 0, [1, 'c']),
      receive(3, [13, 14], 0, [1, 'a']),
    ];
    expect(findOrder([made, ...sends, ...receives])).toEqual([0, 2, 3, 1, 4, 5, 6]);
  });

  test('sends that do not overlap are received first in, first out', () => {
    const sends = [send(0, [3, 4], 1, 'a'), send(1, [5, 6], 1, 'b')];
    expect(findOrder([made, ...sends, receive(2, [7, 8], 0, [1, 'b']), receive(2, [9, 10], 0, [1, 'a'])])).toEqual({
      none: [0, 1, 2, 3],
    });
  });

  test('what is not about queues stands where it was seen', () => {
    const fork = { ...made, name: 'fork' as const, args: {}, entered: 1, returned: 6, target: 1 };
    const start = { kind: 'start' as const, process: 1, at: 2 };
    expect(findOrder([{ kind: 'exit', process: 1, exit: { code: 0 }, at: 4 }, start, fork], {})).toEqual([2, 1, 0]);
  });
});

describe('types', () => {
  const sends = [send(0, [3, 4], 5, 'five'), send(0, [5, 6], 3, 'three'), send(0, [7, 8], 3, 'other')];
  const [five, three, other] = [
    [5, 'five'],
    [3, 'three'],
    [3, 'other'],
  ] as [number, string][];

  test.each([
    ['0: the first', 0, five, three, []],
    ['above 0: the first of that type', 3, three, five, []],
    ['below 0: the first of the lowest type', -5, three, other, []],
    ['MSG_EXCEPT: the first of another type', 5, three, five, ['MSG_EXCEPT']],
    ['MSG_EXCEPT with a type that is not above 0: ignored', -5, three, five, ['MSG_EXCEPT']],
  ] as const)('%s', (_title, msgtyp, right, wrong, flags) => {
    const rest = (got: [number, string]) => left(...[five!, three!, other!].filter((each) => each !== got));
    const take = (got: [number, string]) => receive(1, [9, 10], msgtyp, got, { flags: [...flags] });
    expect(findOrder([made, ...sends, take(right!)], rest(right!))).toEqual([0, 1, 2, 3, 4]);
    expect(findOrder([made, ...sends, take(wrong!)], rest(wrong!))).toEqual({ none: [0, 1, 2, 3, 4] });
  });

  test('MSG_COPY: by place, and the message stays', () => {
    const copy = receive(1, [9, 10], 1, [3, 'three'], { flags: ['MSG_COPY', 'IPC_NOWAIT'] });
    expect(findOrder([made, ...sends, copy], left(five!, three!, other!))).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a receive that gets nothing', () => {
  const nowait = { flags: ['IPC_NOWAIT'], error: 'ENOMSG' };

  test('ENOMSG: at a moment when there was no message for it', () => {
    expect(findOrder([made, send(0, [3, 6], 1, 'a'), receive(1, [4, 5], 0, null, nowait)], left([1, 'a']))).toEqual([
      0, 2, 1,
    ]);
    expect(findOrder([made, send(0, [3, 4], 1, 'a'), receive(1, [5, 6], 0, null, nowait)], left([1, 'a']))).toEqual({
      none: [0, 1, 2],
    });
  });

  test('E2BIG: the message stays', () => {
    const small = { sizeBytes: 2, error: 'E2BIG' };
    expect(findOrder([made, send(0, [3, 4], 1, 'abc'), receive(1, [5, 6], 0, null, small)], left([1, 'abc']))).toEqual([
      0, 1, 2,
    ]);
    expect(findOrder([made, send(0, [3, 4], 1, 'abc'), receive(1, [5, 6], 0, null, small)])).toEqual({
      none: [0, 1, 2],
    });
    expect(findOrder([made, send(0, [3, 4], 1, 'ab'), receive(1, [5, 6], 0, null, small)])).toEqual({
      none: [0, 1, 2],
    });
  });

  test('MSG_NOERROR: cut off', () => {
    const cut = { sizeBytes: 2, flags: ['MSG_NOERROR'] };
    expect(findOrder([made, send(0, [3, 4], 1, 'abc'), receive(1, [5, 6], 0, [1, 'ab'], cut)])).toEqual([0, 1, 2]);
    expect(findOrder([made, send(0, [3, 4], 1, 'abc'), receive(1, [5, 6], 0, [1, 'xb'], cut)])).toEqual({
      none: [0, 1, 2],
    });
  });

  test('EFAULT: the message is gone', () => {
    const lost = [made, send(0, [3, 4], 1, 'a'), receive(1, [5, 6], 0, null, { error: 'EFAULT' })];
    expect(findOrder(lost)).toEqual([0, 1, 2]);
    expect(findOrder(lost, left([1, 'a']))).toEqual({ none: [0, 1, 2] });
  });

  test('EINTR: only out of a sleep', () => {
    const interrupted = (entered: number) => receive(1, [entered, 9], 0, null, { error: 'EINTR' });
    expect(findOrder([made, send(0, [5, 6], 1, 'a'), interrupted(3)], left([1, 'a']))).toEqual([0, 2, 1]);
    expect(findOrder([made, send(0, [5, 6], 1, 'a'), interrupted(7)], left([1, 'a']))).toEqual({ none: [0, 1, 2] });
  });
});

describe('room', () => {
  const limits = { limits: { queueBytes: 4 } };
  const full = { flags: ['IPC_NOWAIT'], error: 'EAGAIN' };

  test('EAGAIN when the bytes do not fit, and only then', () => {
    expect(
      findOrder([made, send(0, [3, 4], 1, 'abc'), send(0, [5, 6], 1, 'de', full)], left([1, 'abc']), limits),
    ).toEqual([0, 1, 2]);
    expect(
      findOrder([made, send(0, [3, 4], 1, 'abc'), send(0, [5, 6], 1, 'd', full)], left([1, 'abc']), limits),
    ).toEqual({
      none: [0, 1, 2],
    });
  });

  test('empty messages count too', () => {
    const sends = [3, 5, 7, 9].map((entered) => send(0, [entered, entered + 1], 1, ''));
    const rest = left([1, ''], [1, ''], [1, ''], [1, '']);
    expect(findOrder([made, ...sends, send(0, [11, 12], 1, '', full)], rest, limits)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('a send that slept goes on when a receive has made room', () => {
    const calls = [made, send(0, [3, 4], 1, 'abc'), send(1, [5, 8], 2, 'de'), receive(2, [6, 7], 0, [1, 'abc'])];
    expect(findOrder(calls, left([2, 'de']), limits)).toEqual([0, 1, 3, 2]);
  });

  test('IPC_SET changes it', () => {
    const status = { mode: 0o600, messages: 0, bytes: 0, maxBytes: 2 };
    const calls = [made, control(0, [3, 4], 'IPC_SET', { status }), send(0, [5, 6], 1, 'abc', full)];
    expect(findOrder(calls)).toEqual([0, 1, 2]);
    expect(findOrder(calls.with(1, control(0, [3, 4], 'IPC_SET', { status, error: 'EPERM' })))).toEqual({
      none: [0, 1],
    });
  });

  test('too long a message is EINVAL', () => {
    const long = 'x'.repeat(8193);
    expect(findOrder([made, send(0, [3, 4], 1, long, { error: 'EINVAL' })])).toEqual([0, 1]);
    expect(findOrder([made, send(0, [3, 4], 1, long)])).toEqual({ none: [0, 1] });
  });
});

describe('removal', () => {
  const removed = control(0, [5, 8], 'IPC_RMID');
  const wait = (entered: number, error: string) => receive(1, [entered, 10], 0, null, { error });

  test('EIDRM for who had come before it', () => {
    expect(findOrder([made, wait(3, 'EIDRM'), removed], {})).toEqual([0, 2, 1]);
    expect(findOrder([made, wait(7, 'EIDRM'), removed], {})).toEqual([0, 2, 1]);
    expect(findOrder([made, wait(9, 'EIDRM'), removed], {})).toEqual({ none: [0, 2, 1] });
  });

  test('EINVAL for who came later, or may have', () => {
    expect(findOrder([made, wait(9, 'EINVAL'), removed], {})).toEqual([0, 2, 1]);
    expect(findOrder([made, wait(3, 'EINVAL'), removed], {})).toEqual([0, 2, 1]);
    expect(findOrder([made, receive(1, [3, 4], 0, null, { error: 'EINVAL' }), removed], {})).toEqual({ none: [0, 1] });
  });

  test('who came after another had found it removed cannot have slept on it', () => {
    const found = send(2, [5, 6], 1, 'a', { error: 'EINVAL' });
    expect(findOrder([made, removed, found, wait(7, 'EIDRM')], {})).toEqual({ none: [0, 2, 1, 3] });
  });

  test('the order tells it after the arrival of all who slept on it', () => {
    const found = linearize(createHistory([made, wait(7, 'EIDRM'), removed]));
    expect(found).toEqual({ order: [expect.anything(), { event: 2, time: 7 }, { event: 1, time: 7 }] });
  });

  test('a second one fails', () => {
    expect(findOrder([made, removed, control(1, [9, 10], 'IPC_RMID', { error: 'EINVAL' })], {})).toEqual([0, 1, 2]);
    expect(findOrder([made, removed, control(1, [9, 10], 'IPC_RMID')], {})).toEqual({ none: [0, 1, 2] });
  });

  test('of a stranger’s queue it is EPERM', () => {
    const decoys = [{ id: 3, key: 68, mode: 0o666, messages: [{ mtype: 1, data: btoa('x') }] }];
    const { queues } = left([1, 'x']).left;
    const rest = { decoys, left: { queues: [{ ...queues[0]!, id: 3, key: 68 }], segments: [], semaphores: [] } };
    expect(findOrder([control(0, [1, 2], 'IPC_RMID', { id: 3, error: 'EPERM' })], rest)).toEqual([0]);
    expect(findOrder([control(0, [1, 2], 'IPC_RMID', { id: 3 })], rest)).toEqual({ none: [0] });
  });
});

describe('keys', () => {
  const exclusive = ['IPC_CREAT', 'IPC_EXCL'];

  test('of two that overlap, one makes the queue', () => {
    const calls = [
      get(0, [1, 4], 9, { flags: exclusive, error: 'EEXIST' }),
      get(1, [2, 3], 9, { flags: exclusive }),
      get(2, [5, 6], 9, { flags: [] }),
    ];
    expect(findOrder(calls)).toEqual([1, 0, 2]);
    expect(findOrder(calls.with(1, get(1, [2, 3], 9, { flags: exclusive, error: 'EEXIST' })))).toEqual({
      none: [0, 1],
    });
  });

  test('ENOENT before it is made and after it is removed, and a new one then has another id', () => {
    const calls = [
      get(0, [1, 4], 9, { flags: [], error: 'ENOENT' }),
      get(1, [2, 3], 9),
      control(1, [5, 6], 'IPC_RMID'),
      get(0, [7, 8], 9, { flags: [], error: 'ENOENT' }),
      get(0, [9, 10], 9, { id: QUEUE + 1 }),
      control(0, [11, 12], 'IPC_RMID', { id: QUEUE + 1 }),
    ];
    expect(findOrder(calls, {})).toEqual([0, 1, 2, 3, 4, 5]);
    expect(findOrder(calls.toSpliced(2, 1), {})).toEqual({ none: [1, 0, 2] });
  });

  test('EACCES by its mode', () => {
    const closed = { ...made, args: { ...made.args, mode: 0o200 } };
    expect(findOrder([closed, receive(0, [3, 4], 0, null, { error: 'EACCES' })])).toEqual([0, 1]);
    expect(findOrder([made, receive(0, [3, 4], 0, null, { error: 'EACCES' })])).toEqual({ none: [0, 1] });
  });

  test('queues are judged one by one', () => {
    const other = QUEUE + 1;
    const calls = [
      made,
      get(0, [3, 4], 0, { id: other }),
      send(0, [5, 6], 1, 'a'),
      control(0, [7, 8], 'IPC_RMID', { id: other }),
      receive(1, [9, 10], 0, [1, 'b']),
    ];
    expect(findOrder(calls)).toEqual({ none: [0, 2, 4] });
  });
});

describe('IPC_STAT', () => {
  test('shows what the queue holds at some moment of the call', () => {
    const stat = (messages: number, bytes: number) =>
      control(1, [4, 7], 'IPC_STAT', { status: { mode: 0o600, messages, bytes, maxBytes: 16_384 } });
    const calls = [made, send(0, [3, 5], 1, 'ab'), send(0, [6, 8], 1, 'c')];
    const rest = left([1, 'ab'], [1, 'c']);
    expect(findOrder([...calls, stat(0, 0)], rest)).toEqual([0, 3, 1, 2]);
    expect(findOrder([...calls, stat(1, 2)], rest)).toEqual([0, 1, 3, 2]);
    expect(findOrder([...calls, stat(2, 3)], rest)).toEqual([0, 1, 2, 3]);
    expect(findOrder([...calls, stat(1, 1)], rest)).toEqual({ none: [2, 0, 1, 3] });
  });
});

describe('a process that died in a call', () => {
  const killed = (process: number, at: number) => ({ kind: 'exit' as const, process, exit: { code: 0 }, at });

  test('may have sent its message, or not', () => {
    const calls = [made, send(1, [3, null], 1, 'a'), killed(1, 4), receive(2, [5, 6], 0, [1, 'a'])];
    expect(findOrder(calls)).toEqual([0, 1, 2, 3]);
    expect(findOrder(calls.slice(0, 3))).toEqual([0, 2]);
    expect(findOrder(calls.slice(0, 3), left([1, 'a']))).toEqual([0, 1, 2]);
  });

  test('may have taken a message with it', () => {
    const calls = [made, send(0, [3, 4], 1, 'a'), receive(1, [5, null], 0, null), killed(1, 6)];
    expect(findOrder(calls)).toEqual([0, 1, 2, 3]);
    expect(findOrder(calls, left([1, 'a']))).toEqual([0, 1, 3]);
  });

  test('has done so before it died', () => {
    const calls = [
      made,
      send(1, [3, null], 1, 'a'),
      killed(1, 4),
      receive(2, [5, 6], 0, null, { error: 'ENOMSG', flags: ['IPC_NOWAIT'] }),
    ];
    expect(findOrder(calls, left([1, 'a']))).toEqual({ none: [1, 0, 3] });
  });

  test('may have made a queue that others find, or have removed one', () => {
    const calls = [
      get(1, [1, null], 9),
      killed(1, 2),
      get(0, [3, 4], 9, { flags: [] }),
      control(2, [5, null], 'IPC_RMID'),
    ];
    const { queues } = left().left;
    expect(findOrder(calls, {})).toEqual([0, 1, 2, 3]);
    expect(findOrder(calls, { left: { queues: [{ ...queues[0]!, key: 9 }], segments: [], semaphores: [] } })).toEqual([
      0, 1, 2,
    ]);
  });
});

describe('what no order explains', () => {
  test('is told with the calls of that queue up to the first that cannot be explained, those under way first', () => {
    const calls = [
      made,
      send(0, [3, 4], 1, 'a'),
      receive(1, [5, 10], 0, [1, 'a']),
      receive(2, [6, 9], 0, [1, 'x']),
      send(0, [11, 12], 1, 'later'),
    ];
    expect(findOrder(calls, left([1, 'later']))).toEqual({ none: [2, 0, 1, 3] });
  });

  test('may be only what is left', () => {
    const history = createHistory([made, send(0, [3, 4], 1, 'a')], left([1, 'b']));
    expect(linearize(history)).toEqual({ violation: { calls: [0, 1], isEnd: true } });
  });
});

test('a search that takes too long is given up', () => {
  const sends = Array.from({ length: 12 }, (_, index) => send(index, [3 + index, 30 + index], 1, `${index}`));
  const got = receive(20, [50, 51], 0, [1, 'none of them']);
  expect(findOrder([made, ...sends, got], {}, { maxStates: 1000 })).toBe('too long');
});
