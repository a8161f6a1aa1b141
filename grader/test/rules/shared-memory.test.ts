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
  const detach = (process: number) => builder.call(process, 'shmdt', {}, { segment });
  return { builder, writer, reader, segment, attach, detach };
}

test('attached, announced, told, read, detached, removed: all is fine', () => {
  const { builder, writer, reader, segment, attach, detach } = start();
  const queue = builder.queue(writer);
  attach(reader);
  attach(writer);
  detach(writer);
  builder.receive(reader, builder.send(writer, queue, 1, pack(0)));
  builder.print(reader, 'HI\n');
  detach(reader);
  builder.exit(reader);
  builder.removeOther(writer, 'segment', segment);
  builder.exit(writer);
  expect(check(sharedMemory, builder.run(FORMATS), { announced: ANNOUNCED })).toEqual([]);
});

test('not-detached: ended by itself with the segment attached', () => {
  const { builder, reader, attach, detach } = start();
  attach(reader);
  attach(reader);
  detach(reader);
  builder.exit(reader);
  expect(check(sharedMemory, builder.run())).toEqual([
    {
      code: 'not-detached',
      message: 'reader#1 ended with segment A still attached.',
      events: [4, 6],
      expected: 'an shmdt for each shmat',
      actual: 'left to the kernel',
      processes: [reader],
    },
  ]);
  expect(check(sharedMemory, builder.run(), { detached: false })).toEqual([]);
});

test('who is killed, who has inherited it, and who runs another program, need not detach', () => {
  const { builder, writer, reader, attach, detach } = start();
  attach(writer);
  const child = builder.fork(writer);
  builder.exit(child);
  const other = builder.fork(writer);
  detach(other);
  builder.exit(other);
  detach(writer);
  attach(reader);
  builder.die(reader, 'SIGKILL');
  attach(writer);
  builder.call(writer, 'execve');
  builder.exit(writer);
  expect(check(sharedMemory, builder.run())).toEqual([]);
});

test('after a planned signal nothing is owed, unless the lab says so', () => {
  const { builder, writer, reader, attach } = start();
  attach(writer);
  attach(reader);
  builder.signal(writer);
  builder.exit(writer, 1);
  builder.exit(reader);
  const codes = (signalled: string) =>
    check(sharedMemory, builder.run(), { signalled }).map(({ code, processes }) => [code, processes]);
  expect(codes('skip')).toEqual([]);
  expect(codes('unreached')).toEqual([['not-detached', [reader]]]);
  expect(codes('check')).toEqual([
    ['not-detached', [writer]],
    ['not-detached', [reader]],
  ]);
});

test('attached-late: by a process that had the id, after the removal; a refusal, or a signal, excuses it', () => {
  const late = (error?: string, signal = false) => {
    const { builder, writer, reader, segment, attach, detach } = start();
    attach(writer);
    builder.removeOther(writer, 'segment', segment);
    if (signal) builder.signal(writer);
    builder.call(reader, 'shmat', {}, error === undefined ? { segment } : { segment, error });
    detach(reader);
    return check(sharedMemory, builder.run());
  };
  expect(late()).toEqual([
    {
      code: 'attached-late',
      message: 'reader#1 attached segment A, which was removed already by writer#1.',
      events: [4, 5],
      expected: 'removed when nobody will attach it any more',
      actual: 'attached after IPC_RMID',
      processes: [1, 0],
    },
  ]);
  expect(late('EINVAL')).toEqual([]);
  expect(late(undefined, true)).toEqual([]);
});

test('announced-too-early: a message about data that cannot be there', () => {
  const { builder, writer, attach, detach } = start();
  builder.send(writer, builder.queue(writer), 1, pack(0));
  attach(writer);
  detach(writer);
  expect(check(sharedMemory, builder.run(FORMATS), { announced: ANNOUNCED })).toEqual([
    {
      code: 'announced-too-early',
      message: 'writer#1 sent a job of type 1 {slot: 0}, before it had attached any shared memory.',
      events: [4],
      expected: 'attached, written, announced',
      actual: 'announced, and nothing can be written yet',
      processes: [writer],
    },
  ]);
  expect(check(sharedMemory, builder.run(FORMATS), { announced: [{ by: { message: 'job' }, from: 'x' }] })).toEqual([]);
});

test('a child announces what its parent had attached before the fork', () => {
  const { builder, writer, attach } = start();
  attach(writer);
  const child = builder.fork(writer);
  builder.send(child, builder.queue(writer), 1, pack(0));
  expect(check(sharedMemory, builder.run(FORMATS), { announced: ANNOUNCED })).toEqual([]);
});

test('read-too-early: a reader that prints before it is told', () => {
  const { builder, writer, reader, attach } = start();
  const queue = builder.queue(writer);
  builder.print(reader, 'ready\n');
  attach(writer);
  attach(reader);
  builder.print(reader, '0\nand more');
  builder.receive(reader, builder.send(writer, queue, 1, pack(0)));
  expect(check(sharedMemory, builder.run(FORMATS), { announced: ANNOUNCED })).toEqual([
    {
      code: 'read-too-early',
      message: 'reader#1 printed "0" before anybody had told it that the data are there.',
      events: [7],
      expected: 'told, read, printed',
      actual: 'not told',
      processes: [reader],
    },
  ]);
});

test('a semaphore may announce: raised by the writer, lowered by the reader', () => {
  const announced = [{ by: { semaphore: 0 }, from: 'writer', to: 'reader' }];
  const { builder, writer, reader, attach } = start();
  const set = builder.semaphores(writer);
  attach(reader);
  attach(writer);
  builder.semop(writer, set, [{ op: 1 }]);
  builder.semop(reader, set, [{ op: -1 }]);
  builder.print(reader, 'HI\n');
  expect(check(sharedMemory, builder.run(), { announced })).toEqual([]);
  const wrong = start();
  const other = wrong.builder.semaphores(wrong.writer);
  wrong.builder.semop(wrong.writer, other, [{ op: 1 }]);
  wrong.attach(wrong.reader);
  wrong.builder.print(wrong.reader, 'HI\n');
  expect(check(sharedMemory, wrong.builder.run(), { announced }).map(({ code, message }) => [code, message])).toEqual([
    ['announced-too-early', 'writer#1 raised a semaphore, before it had attached any shared memory.'],
    ['read-too-early', 'reader#1 printed "HI" before anybody had told it that the data are there.'],
  ]);
});

describe('what is attached', () => {
  const owned = (act: (parts: ReturnType<typeof start>) => void): unknown[] => {
    const parts = start();
    act(parts);
    parts.builder.exit(parts.reader);
    return check(sharedMemory, parts.builder.run()).map(({ code, events, processes }) => [code, events[0], processes]);
  };

  test('is only what a call of its own attached, of each segment as often as it is not detached', () => {
    let seq = 0;
    const twoSegments = owned(({ builder, writer, reader, attach, detach }) => {
      const other = builder.segment(writer);
      attach(reader);
      seq = builder.call(reader, 'shmat', {}, { segment: other });
      detach(reader);
    });
    expect(twoSegments).toEqual([['not-detached', seq, [1]]]);
    const again = owned(({ reader, attach, detach }) => {
      detach(reader); // nothing was attached
      attach(reader);
      seq = attach(reader);
      detach(reader);
    });
    expect(again).toEqual([['not-detached', seq, [1]]]);
  });

  test('is nothing after a call that failed, or one on memory that the trace does not know', () => {
    const nothing = owned(({ builder, reader, segment }) => {
      builder.call(reader, 'shmat', {}, { segment, error: 'EACCES' });
      builder.call(reader, 'shmat');
      builder.call(reader, 'shmget', {}, { segment });
    });
    expect(nothing).toEqual([]);
    const kept = owned(({ builder, reader, segment, attach }) => {
      attach(reader);
      builder.call(reader, 'shmdt', {}, { segment, error: 'EINVAL' });
      builder.call(reader, 'execve', {}, { error: 'ENOENT' });
    });
    expect(kept).toEqual([['not-detached', 3, [1]]]);
  });

  test('by a child beside what it inherited is its own; which of the two it detaches does not matter', () => {
    const found = (detaches: number) => {
      const { builder, writer, attach, detach } = start();
      attach(writer);
      const child = builder.fork(writer);
      const own = attach(child);
      for (let count = 0; count < detaches; count++) detach(child);
      const ended = builder.exit(child);
      const events = check(sharedMemory, builder.run()).map((finding) => finding.events);
      return { events, all: [own, ended] };
    };
    const none = found(0);
    expect(none.events).toEqual([none.all]);
    expect(found(1).events).toEqual([]);
    expect(found(2).events).toEqual([]);
  });
});

test('attached-late: only an shmat, and only after the removal, be it by nobody that the trace knows', () => {
  const { builder, writer, reader, segment, attach, detach } = start();
  attach(reader);
  const removed = builder.removeOther(writer, 'segment', segment);
  detach(reader);
  expect(check(sharedMemory, builder.run())).toEqual([]);
  builder.trace.segments[segment]!.remover = null;
  const late = attach(reader);
  detach(reader);
  expect(check(sharedMemory, builder.run())).toEqual([
    {
      code: 'attached-late',
      message: 'reader#1 attached segment A, which was removed already.',
      events: [removed, late],
      expected: 'removed when nobody will attach it any more',
      actual: 'attached after IPC_RMID',
      processes: [reader],
    },
  ]);
});
