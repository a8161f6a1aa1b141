// When a process was inside a critical section, by a semaphore or by a token, and who left the lock otherwise than it was.
import type { RunEnd } from '@ipclab/native/supervisor';
import type { Formats } from '../../src/model/run.js';
import { findSections } from '../../src/rules/sections.js';
import { TraceBuilder } from './trace-builder.js';

const TAKE = [{ op: -1 }];
const GIVE = [{ op: 1 }];
const FORMATS: Formats = { token: { mtype: { min: 2, max: 2 }, fields: {} } };

function start() {
  const builder = new TraceBuilder();
  const [one, two] = [builder.start('one#1'), builder.start('two#1')];
  const [set, queue] = [builder.semaphores(one), builder.queue(one)]; // events 2 and 3
  const operate = (process: number, operations: Parameters<TraceBuilder['semop']>[2], of = set) =>
    builder.semop(process, of, operations);
  const control = (cmd: string, of = set, parts: object = {}) =>
    builder.call(one, 'semctl', { cmd }, { semaphores: of, ...parts });
  const find = (semaphore = 0) => findSections(builder.run(FORMATS), { semaphore });
  const findByToken = () => findSections(builder.run(FORMATS), { token: 'token' });
  return { builder, one, two, set, queue, operate, control, find, findByToken };
}

describe('by a semaphore', () => {
  test('a process is inside from the first −1 until it has given all back; so for each process and each set', () => {
    const { builder, one, two, set, operate, find } = start();
    const other = builder.semaphores(one);
    const first = operate(one, TAKE);
    operate(one, TAKE);
    const elsewhere = operate(one, TAKE, other);
    const second = operate(two, TAKE);
    operate(one, GIVE);
    const given = operate(one, GIVE);
    expect(find()).toEqual({
      sections: [
        { process: one, object: set, taken: first, given },
        { process: one, object: other, taken: elsewhere, given: null },
        { process: two, object: set, taken: second, given: null },
      ],
      imbalances: [],
    });
  });

  test('who gives first has not taken; who waits for zero, or takes and gives at one stroke, neither', () => {
    const { builder, one, set, operate, find } = start();
    operate(one, [{ op: 2 }]);
    operate(one, [{ op: 0 }]);
    operate(one, [{ op: -1 }, { op: 1 }]);
    operate(one, [{ num: 1, op: -1 }]);
    builder.call(one, 'semop', {}, { semaphores: set });
    expect(find()).toEqual({ sections: [], imbalances: [] });
    const taken = operate(one, [
      { num: 1, op: 1 },
      { num: 0, op: -1 },
    ]);
    const given = operate(one, GIVE);
    expect(find().sections).toEqual([{ process: one, object: set, taken, given }]);
  });

  test('only calls that succeed, on a semaphore set, count', () => {
    const { builder, one, set, operate, control, find } = start();
    builder.semop(one, set, TAKE, { error: 'EAGAIN' });
    builder.call(one, 'msgsnd', { operations: [{ num: 0, op: -1, flags: [] }] }, { semaphores: set });
    expect(find().sections).toEqual([]);
    const taken = operate(one, TAKE);
    control('SETVAL', set, { error: 'EINVAL' });
    control('GETVAL');
    builder.call(one, 'shmctl', { cmd: 'SETVAL' }, { semaphores: set });
    expect(find().sections).toEqual([{ process: one, object: set, taken, given: null }]);
  });

  test.each(['SETVAL', 'SETALL'])('%s on the set ends what was inside; a later one begins anew', (cmd) => {
    const { builder, one, two, set, operate, control, find } = start();
    const other = builder.semaphores(one);
    const [first, elsewhere] = [operate(one, [{ op: -1, undo: true }]), operate(two, TAKE, other)];
    operate(two, TAKE);
    operate(two, GIVE); // is no more inside
    const cleared = control(cmd);
    const again = operate(two, TAKE);
    const ended = builder.exit(one);
    const sections = [
      { process: one, object: set, taken: first, given: cleared },
      { process: two, object: other, taken: elsewhere, given: null },
      { process: two, object: set, taken: first + 2, given: first + 3 },
      { process: two, object: set, taken: again, given: null },
    ];
    expect(ended).toBe(again + 1);
    expect(find()).toEqual({ sections, imbalances: [] });
  });

  test('a set that nobody has used may be set', () => {
    const { control, find } = start();
    control('SETVAL');
    expect(find()).toEqual({ sections: [], imbalances: [] });
  });

  test('at its end a process has left the lock as it was, if the kernel undoes as much as it has not given back', () => {
    const { builder, one, two, set, operate, find } = start();
    const taken = operate(one, [{ op: -1, undo: true }]);
    operate(two, [{ op: -2 }]);
    operate(two, [{ op: 2 }]);
    builder.exit(two);
    const ended = builder.exit(one);
    expect(find()).toEqual({
      sections: [
        { process: one, object: set, taken, given: ended },
        { process: two, object: set, taken: taken + 1, given: taken + 2 },
      ],
      imbalances: [],
    });
  });

  test('left taken: since the first operation that was not given back; one that died inside stays inside', () => {
    const { builder, one, set, operate, find } = start();
    operate(one, TAKE);
    operate(one, GIVE);
    const taken = operate(one, TAKE);
    operate(one, TAKE);
    operate(one, GIVE);
    const ended = builder.die(one);
    const [, section] = find().sections;
    expect(section).toEqual({ process: one, object: set, taken, given: null });
    expect(find().imbalances).toEqual([{ process: one, object: set, seq: taken, ended, by: -1 }]);
  });

  test('given twice: since the last operation; with one of two taken it is inside to its end', () => {
    const { builder, one, two, set, operate, find } = start();
    operate(one, [{ op: -1, undo: true }]);
    const last = operate(one, GIVE);
    const taken = operate(two, [{ op: -2, undo: true }]);
    operate(two, GIVE);
    const ends = [builder.exit(one), builder.exit(two)];
    expect(find().imbalances).toEqual([
      { process: one, object: set, seq: last, ended: ends[0], by: 1 },
      { process: two, object: set, seq: taken, ended: ends[1], by: 1 },
    ]);
    expect(find().sections[1]).toEqual({ process: two, object: set, taken, given: ends[1] });
  });

  test('what a process owes to a set that is gone is nothing; to one that goes later it counts', () => {
    const { builder, one, two, set, operate, find } = start();
    const gone = builder.semaphores(one);
    operate(one, TAKE, gone);
    const taken = operate(one, TAKE);
    builder.removeOther(two, 'semaphores', gone);
    const ended = builder.exit(one);
    builder.removeOther(two, 'semaphores', set);
    builder.exit(two);
    expect(find().imbalances).toEqual([{ process: one, object: set, seq: taken, ended, by: -1 }]);
  });
});

describe('by a token', () => {
  const waits = (process: number, queue: number, kind: 'message' | 'space' = 'message'): RunEnd => ({
    cause: 'deadlock',
    waits: [{ process, call: 9, name: 'msgrcv', args: {}, kind, queue, certain: true }],
  });

  test('a process is inside from its receive of the token until it sends one for the first time', () => {
    const { builder, one, two, queue, findByToken } = start();
    const first = builder.send(one, queue, 2);
    const other = builder.send(one, queue, 1); // no token
    const takenByOne = builder.receive(one, other);
    const taken = builder.receive(two, first);
    builder.send(two, queue, 1);
    const second = builder.send(two, queue, 2);
    builder.send(two, queue, 2);
    const back = builder.receive(one, second);
    expect(takenByOne).toBeLessThan(taken);
    expect(findByToken()).toEqual({
      sections: [
        { process: two, object: queue, taken, given: builder.trace.messages[second]!.sentAt },
        { process: one, object: queue, taken: back, given: null },
      ],
      imbalances: [],
    });
  });

  test('sections stand in the order of taking', () => {
    const { builder, one, two, queue, findByToken } = start();
    const [first, second] = [builder.send(one, queue, 2), builder.send(one, queue, 2)];
    builder.receive(two, second);
    builder.receive(one, first);
    expect(findByToken().sections.map(({ process }) => process)).toEqual([two, one]);
  });

  test('left taken only if the holder has ended and somebody waits for a message of that queue', () => {
    const { builder, one, two, queue, findByToken } = start();
    const other = builder.queue(one);
    const seq = builder.receive(two, builder.send(one, queue, 2));
    builder.end(waits(one, queue));
    expect(findByToken().imbalances).toEqual([]); // it lives
    const ended = builder.exit(two);
    expect(findByToken().imbalances).toEqual([{ process: two, object: queue, seq, ended, by: -1 }]);
    builder.end(waits(one, other));
    expect(findByToken().imbalances).toEqual([]);
    builder.end(waits(one, queue, 'space'));
    expect(findByToken().imbalances).toEqual([]);
    builder.end({ cause: 'completed', waits: [] });
    expect(findByToken().imbalances).toEqual([]);
  });

  test('not left taken if the holder had handed it on', () => {
    const { builder, one, two, queue, findByToken } = start();
    builder.receive(two, builder.send(one, queue, 2));
    builder.send(two, queue, 2);
    builder.exit(two);
    builder.end(waits(one, queue));
    expect(findByToken().imbalances).toEqual([]);
  });
});
