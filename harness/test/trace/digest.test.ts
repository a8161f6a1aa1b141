import type { Trace } from '@ipclab/native/supervisor';
import { compareTraces, traceDigest } from '../../src/trace/digest.js';
import { parseTrace } from '../../src/trace/schema.js';

interface Parts {
  key?: number;
  output?: string;
  detail?: string;
}

const createTrace = ({ key = 0x1010_4fd1, output = 'one', detail }: Parts = {}): Trace => ({
  version: 5,
  processes: [
    { name: 'main#1', role: 'main', pid: 20_000, parent: null, exit: { code: 0 }, endedBySupervisor: false, calls: 2 },
  ],
  queues: [
    {
      kind: 'queue',
      id: 1,
      key,
      mode: 0o600,
      creator: 0,
      createdAt: 1,
      remover: null,
      removedAt: null,
      left: true,
      pending: [0],
      maxBytes: 16_384,
    },
  ],
  segments: [],
  semaphores: [],
  messages: [{ queue: 0, mtype: 1, sizeBytes: 0, data: '', sender: 0, sentAt: 2, receiver: null, receivedAt: null }],
  events: [
    { kind: 'start', seq: 0, process: 0 },
    {
      kind: 'call',
      seq: 1,
      process: 0,
      call: 1,
      name: 'msgget',
      args: { key, mode: 0o600, flags: ['IPC_CREAT'] },
      result: 1,
      arrived: 0,
      waited: false,
      queue: 0,
    },
    {
      kind: 'call',
      seq: 2,
      process: 0,
      call: 2,
      name: 'msgsnd',
      args: { id: 1, mtype: 1, sizeBytes: 0, flags: [] },
      result: 0,
      arrived: 1,
      waited: false,
      queue: 0,
      message: 0,
    },
    { kind: 'output', seq: 3, process: 0, stream: 'stdout', text: output },
    { kind: 'exit', seq: 4, process: 0, exit: { code: 0 } },
  ],
  end: { cause: 'completed', waits: [], ...(detail === undefined ? {} : { detail }) },
  deviations: [],
  injections: [],
  faults: [],
  misses: [],
  choices: 0,
});

test('keys that ftok made of other inode numbers, and the sentence about the end, make no difference', () => {
  const trace = createTrace();
  for (const other of [
    createTrace({ key: 0x0100_0002 }),
    createTrace({ key: -5 }),
    createTrace({ detail: 'after 10.3 s' }),
  ]) {
    expect(compareTraces(trace, other)).toBeUndefined();
    expect(traceDigest(other)).toBe(traceDigest(trace));
  }
});

test('IPC_PRIVATE is not just any key', () => {
  expect(compareTraces(createTrace(), createTrace({ key: 0 }))).toEqual({
    where: 'events[1]',
    a: expect.stringContaining('"key":1') as string,
    b: expect.stringContaining('"key":0') as string,
  });
});

test('the first event that differs is named, and that one has more', () => {
  const shorter = createTrace();
  shorter.events.pop();
  expect(compareTraces(createTrace(), createTrace({ output: 'two' }))).toEqual({
    where: 'events[3]',
    a: '{"kind":"output","process":0,"seq":3,"stream":"stdout","text":"one"}',
    b: '{"kind":"output","process":0,"seq":3,"stream":"stdout","text":"two"}',
  });
  expect(compareTraces(createTrace(), shorter)).toEqual({
    where: 'events[4]',
    a: expect.any(String) as string,
    b: undefined,
  });
  expect(traceDigest(shorter)).not.toBe(traceDigest(createTrace()));
});

test('the order in which an object was filled makes no difference', () => {
  const trace = createTrace();
  const turned = Object.fromEntries(Object.entries(trace).toReversed()) as unknown as Trace;
  expect(traceDigest(turned)).toBe(traceDigest(trace));
});

test('a trace from a file is checked, with the place of what is wrong', () => {
  const trace = createTrace();
  expect(parseTrace(JSON.parse(JSON.stringify(trace)))).toEqual(trace);
  expect(() => parseTrace({ ...trace, version: 0 })).toThrow('"version"');
  expect(() => parseTrace({ ...trace, events: [{ kind: 'crash', seq: 0, process: 0 }] })).toThrow(
    'Invalid discriminator value',
  );
  expect(() => parseTrace({ ...trace, extra: 1 })).toThrow('Unrecognized key');
});
