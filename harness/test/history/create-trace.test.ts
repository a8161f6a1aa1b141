import type { CallEvent, HistoryEvent, Trace } from '@ipclab/native/supervisor';
import { Fault } from '../../src/fault.js';
import { createTraceFromHistory } from '../../src/history/create-trace.js';
import { parseTrace } from '../../src/trace/schema.js';
import { control, createHistory, get, left, QUEUE, receive, send } from './histories.js';

const made = get(0, [1, 2], 0);
const createTrace = (events: HistoryEvent[], more: Parameters<typeof createHistory>[1] = left()): Trace =>
  createTraceFromHistory(createHistory(events, more));
const getCall = ({ events }: Trace, seq: number): CallEvent => events[seq] as CallEvent;

test('a trace is of the shape that rules know, with the identity of each message', () => {
  const trace = createTrace(
    [made, send(0, [3, 9], 1, 'a'), receive(1, [4, 5], 0, [1, 'a']), send(1, [10, 11], 2, 'b')],
    left([2, 'b']),
  );
  expect(parseTrace(structuredClone(trace))).toEqual(trace);
  expect(trace.queues).toEqual([
    {
      kind: 'queue',
      id: QUEUE,
      key: 0,
      mode: 0o600,
      creator: 0,
      createdAt: 0,
      remover: null,
      removedAt: null,
      left: true,
      pending: [1],
      maxBytes: 16_384,
    },
  ]);
  expect(trace.messages).toEqual([
    { queue: 0, mtype: 1, sizeBytes: 1, data: btoa('a'), sender: 0, sentAt: 1, receiver: 1, receivedAt: 2 },
    { queue: 0, mtype: 2, sizeBytes: 1, data: btoa('b'), sender: 1, sentAt: 3, receiver: null, receivedAt: null },
  ]);
  expect(
    trace.events
      .map((_, seq) => getCall(trace, seq))
      .map(({ name, process, call, message }) => [name, process, call, message]),
  ).toEqual([
    ['msgget', 0, 1, undefined],
    ['msgsnd', 0, 2, 0],
    ['msgrcv', 1, 1, 0],
    ['msgsnd', 1, 2, 1],
  ]);
  expect(trace.processes.map(({ calls }) => calls)).toEqual([2, 2]);
});

test('what happened between its arrival and its return is what a call waited for', () => {
  const trace = createTrace(
    [
      made,
      receive(1, [3, 8], 0, [1, 'a']),
      send(0, [4, 5], 1, 'a'),
      receive(1, [10, 14], 0, null, { error: 'EIDRM' }),
      control(0, [12, 13], 'IPC_RMID'),
      receive(1, [15, 16], 0, null, { error: 'EINVAL' }),
    ],
    {},
  );
  expect(
    trace.events
      .map((_, seq) => getCall(trace, seq))
      .map(({ name, error, arrived, waited }) => [error ?? name, arrived, waited]),
  ).toEqual([
    ['msgget', -1, false],
    ['msgsnd', 0, false],
    ['msgrcv', 0, true],
    ['msgctl', 2, false],
    ['EIDRM', 2, true],
    ['EINVAL', 4, false],
  ]);
  expect(trace.queues).toMatchObject([{ remover: 0, removedAt: 3, left: false, pending: [] }]);
});

test('a message that was there already was not waited for', () => {
  const trace = createTrace([made, send(0, [3, 4], 1, 'a'), receive(1, [5, 6], 0, [1, 'a'])]);
  expect(getCall(trace, 2)).toMatchObject({ arrived: 1, waited: false });
});

test('a wait for a child that had ended did not wait', () => {
  const wait = (entered: number) => ({
    ...made,
    name: 'wait' as const,
    args: { pid: -1, flags: [] },
    entered,
    returned: 6,
    target: 1,
  });
  const exit = { kind: 'exit' as const, process: 1, exit: { code: 0 }, at: 4 };
  const { processes } = createHistory([exit]);
  const family = {
    ...left(),
    processes: [processes[0]!, { ...processes[1]!, parent: 0 }],
    left: createHistory([]).left,
  };
  expect(getCall(createTrace([wait(3), exit], family), 1)).toMatchObject({ waited: true, target: 1, arrived: -1 });
  expect(getCall(createTrace([wait(5), exit], family), 1)).toMatchObject({ waited: false, target: 1, arrived: 0 });
});

test('who died in a call that did its work has made it, with the result that nobody got', () => {
  const exit = { kind: 'exit' as const, process: 1, exit: { signal: 'SIGKILL' as const }, at: 6 };
  const trace = createTrace([made, send(0, [3, 4], 3, 'abc'), receive(1, [5, null], 0, null), exit]);
  expect(getCall(trace, 2)).toMatchObject({ name: 'msgrcv', call: 1, result: 3, args: { mtype: 3 }, message: 0 });
  expect(trace.messages).toMatchObject([{ receiver: 1, receivedAt: 2 }]);
  expect(trace.processes[1]).toMatchObject({ calls: 1 });
});

test('what the scenario put there comes first', () => {
  const decoys = [{ id: 3, key: 68, mode: 0o666, messages: [{ mtype: 1, data: btoa('x') }] }];
  const { queues } = left([1, 'x']).left;
  const trace = createTrace([get(0, [1, 2], 68, { flags: [], id: 3 })], {
    decoys,
    left: { queues: [{ ...queues[0]!, id: 3, key: 68 }], segments: [], semaphores: [] },
  });
  expect(trace.queues).toMatchObject([{ id: 3, key: 68, creator: null, createdAt: null, left: true, pending: [0] }]);
  expect(trace.messages).toMatchObject([{ queue: 0, sender: null, sentAt: null }]);
  expect(getCall(trace, 0)).toMatchObject({ queue: 0 });
});

test('what is waited for at the end names its queue', () => {
  const args = { id: QUEUE, msgtyp: 0, sizeBytes: 100, flags: [] };
  const wait = {
    process: 1,
    call: 9,
    name: 'msgrcv' as const,
    args,
    kind: 'message' as const,
    queue: 99,
    certain: true,
  };
  const end = { cause: 'deadlock' as const, waits: [wait] };
  expect(createTrace([made, receive(1, [3, null], 0, null)], { ...left(), end }).end).toEqual({
    cause: 'deadlock',
    waits: [{ ...wait, call: 1, queue: 0 }],
  });
});

test('a history without a legal order is a fault of ours, with the calls that show it', () => {
  const calls = [made, send(0, [3, 4], 1, 'a'), receive(1, [5, 6], 0, [2, 'b'])];
  expect(() => createTrace(calls)).toThrow(Fault);
  expect(() => createTrace(calls)).toThrow(
    [
      'The run could not be carried out. Expected an order of the calls that explains what the last of these calls answered, got none:',
      '1–2 p#1 msgget(key 0, mode 384, flags IPC_CREAT) = 7',
      '3–4 p#1 msgsnd(id 7, mtype 1, sizeBytes 1, flags none) = 0',
      '5–6 p#2 msgrcv(id 7, msgtyp 0, sizeBytes 100, flags none, mtype 2) = 1',
    ].join('\n  '),
  );
});
