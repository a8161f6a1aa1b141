// Who announces data in shared memory, and who has to wait for that, by shared-memory.
import { sharedMemory } from '../../src/rules/shared-memory.js';
import { check } from './expect-findings.js';
import { pack, TraceBuilder } from './trace-builder.js';

const FORMATS = { job: { mtype: { max: 1 }, fields: { slot: 'int' } } };
const ANNOUNCED = [{ by: { message: 'job' }, from: 'writer', to: 'reader' }];

function start() {
  const builder = new TraceBuilder();
  const writer = builder.start('writer#1');
  const reader = builder.start('reader#1');
  const segment = builder.segment(writer);
  const attach = (process: number) => builder.call(process, 'shmat', {}, { segment });
  return { builder, writer, reader, attach };
}

describe('announcements', () => {
  const announced = [{ by: { semaphore: 0 }, from: 'writer', to: 'reader' }];
  const codes = (builder: TraceBuilder, wanted: object[] = announced, more: object = {}) =>
    check(sharedMemory, builder.run(FORMATS), { detached: false, announced: wanted, ...more }).map(
      ({ code, processes }) => [code, processes],
    );

  test('are raises of that semaphore by that role; lowering it, another one, or a failure is none', () => {
    const { builder, writer, reader } = start();
    const set = builder.semaphores(writer);
    builder.semop(writer, set, [{ num: 1, op: 1 }]);
    builder.semop(writer, set, [{ op: -1 }]);
    builder.semop(writer, set, [{ op: 0 }]);
    builder.semop(writer, set, [{ op: 1 }], { error: 'EIDRM' });
    builder.call(writer, 'semop', {}, { semaphores: set });
    builder.semop(reader, set, [{ op: 1 }]);
    expect(codes(builder)).toEqual([]);
    builder.semop(writer, set, [
      { num: 1, op: -1 },
      { num: 0, op: 1 },
    ]);
    builder.semop(writer, set, [{ op: 1 }]); // told already
    expect(codes(builder)).toEqual([['announced-too-early', [writer]]]);
    expect(codes(builder, [{ by: { semaphore: 0 } }])).toEqual([
      ['announced-too-early', [reader]],
      ['announced-too-early', [writer]],
    ]);
  });

  test('reach who takes from that semaphore, or waits for its zero; to raise it, or another one, tells nothing', () => {
    const reads = (...operations: { num?: number; op: number }[]): unknown[] => {
      const { builder, writer, reader, attach } = start();
      const set = builder.semaphores(writer);
      attach(reader);
      builder.semop(reader, set, operations);
      builder.print(reader, 'HI\n');
      builder.print(reader, 'HO\n');
      return codes(builder);
    };
    expect(reads({ op: -1 })).toEqual([]);
    expect(reads({ op: 0 })).toEqual([]);
    expect(reads({ op: 1 })).toEqual([['read-too-early', [1]]]);
    expect(reads({ num: 1, op: -1 })).toEqual([['read-too-early', [1]]]);
    expect(reads()).toEqual([['read-too-early', [1]]]);
  });

  test('by messages: of that format, sent by the one, received by the other', () => {
    const { builder, writer, reader, attach } = start();
    const queue = builder.queue(writer);
    const other = builder.send(writer, queue, 2);
    builder.call(writer, 'msgsnd', {}, { queue, error: 'EAGAIN' });
    const job = builder.send(reader, queue, 1, pack(0));
    expect(codes(builder, ANNOUNCED)).toEqual([]);
    attach(reader);
    builder.receive(reader, other);
    builder.receive(writer, job);
    builder.print(reader, 'HI\n');
    expect(codes(builder, ANNOUNCED)).toEqual([['read-too-early', [reader]]]);
    expect(codes(builder, [{ by: { message: 'job' } }])).toEqual([['announced-too-early', [reader]]]);
  });

  test('are waited for only by readers, who print on stdout what they have attached', () => {
    const { builder, writer, reader, attach } = start();
    builder.print(reader, 'not attached yet\n');
    attach(reader);
    attach(writer);
    builder.print(reader, 'an error\n', 'stderr');
    builder.print(writer, 'written\n');
    expect(codes(builder)).toEqual([]);
    builder.print(reader, 'HI\n');
    expect(codes(builder)).toEqual([['read-too-early', [reader]]]);
    expect(codes(builder, [{ by: { semaphore: 0 }, from: 'writer' }])).toEqual([]);
    builder.signal(writer);
    expect(codes(builder)).toEqual([]);
    expect(codes(builder, announced, { signalled: 'check' })).toEqual([['read-too-early', [reader]]]);
  });

  test('are those of a child, if its parent had attached before the fork, and not if it did so later', () => {
    const { builder, reader, attach } = start();
    const queue = builder.queue(reader);
    const early = builder.fork(reader);
    attach(reader);
    const late = builder.fork(reader);
    for (const process of [early, late]) builder.send(process, queue, 1, pack(0));
    expect(codes(builder, [{ by: { message: 'job' } }])).toEqual([['announced-too-early', [early]]]);
  });
});
