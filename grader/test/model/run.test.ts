import {
  createRun,
  getCalls,
  getContentsAt,
  getFamily,
  getRoot,
  getSleepersAt,
  getStarted,
  isAnyReached,
  isSignalled,
} from '../../src/model/run.js';
import { pack, TraceBuilder } from '../rules/trace-builder.js';

test('a message has the first format of the lab that its type fits, and its fields', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(main);
  for (const mtype of [1, 2, 3, 9]) builder.send(main, queue, mtype, pack(mtype));
  const fields = { number: 'int' };
  const { messages } = createRun(builder.trace, {
    one: { mtype: { max: 1 }, fields },
    few: { mtype: { min: 1, max: 3 }, fields: {} },
    many: { mtype: { min: 4 }, fields: {} },
  });
  expect(messages.map(({ index, format, fields: read }) => [index, format, read])).toEqual([
    [0, 'one', { number: 1 }],
    [1, 'few', {}],
    [2, 'few', {}],
    [3, 'many', {}],
  ]);
  expect(createRun(builder.trace, {}).messages[0]).toMatchObject({ format: null, fields: {} });
});

test('planned signals that did something count, the stop at the end and the others do not', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const child = builder.fork(main);
  const other = builder.start('main#2');
  builder.signal(main, 'ignored');
  builder.signal(main, 'handler', 'kernel');
  builder.signal(main, 'handler', child);
  builder.stop(other);
  expect(builder.run().signals).toEqual([]);
  const at = builder.signal(child);
  const run = builder.run();
  expect(run.signals.map(({ seq }) => seq)).toEqual([at]);
  expect([isSignalled(run), isSignalled(run, main), isSignalled(run, child), isSignalled(run, child, at)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  // The parent is a relative of the one that it reached.
  expect([isAnyReached(run, [main]), isAnyReached(run, [other]), isAnyReached(run, [other, child])]).toEqual([
    true,
    false,
    true,
  ]);
});

test('a family is a process with all that come from it by fork', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const child = builder.fork(main);
  const other = builder.start('main#2');
  const grandchild = builder.fork(child);
  const run = builder.run();
  expect(getFamily(run, main)).toEqual([main, child, grandchild]);
  expect(getFamily(run, child)).toEqual([child, grandchild]);
  expect([main, child, grandchild, other].map((process) => getRoot(run, process))).toEqual([main, main, main, other]);
  expect(getStarted(run, 'main')).toEqual([main, other]);
});

test('a queue holds what was sent before and not received before, in order of sending', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(main);
  const [first, second] = [builder.send(main, queue, 1), builder.send(main, queue, 2)];
  builder.send(main, builder.queue(main), 3);
  const received = builder.receive(main, first);
  const contents = (seq: number) => getContentsAt(builder.run(), queue, seq).map(({ index }) => index);
  expect([2, 3, 4, received, received + 1].map((seq) => contents(seq))).toEqual([
    [],
    [first],
    [first, second],
    [first, second],
    [second],
  ]);
});

test('calls sleep on a queue from their arrival to their return, if they had to wait', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  const queue = builder.queue(main);
  const moment = builder.call(main, 'msgctl', { cmd: 'IPC_STAT' }, { queue });
  const slept = builder.call(main, 'msgrcv', {}, { queue, waited: true, arrived: 1 });
  builder.call(main, 'msgrcv', {}, { queue, waited: true, arrived: 3 });
  builder.call(main, 'msgrcv', {}, { queue, waited: false, arrived: 1 });
  builder.call(main, 'msgctl', {}, { queue, waited: true, arrived: 1 });
  const run = builder.run();
  expect(getSleepersAt(run, queue, moment).map(({ seq }) => seq)).toEqual([slept]);
  expect(getCalls(run, 'msgctl', main).map(({ seq }) => seq)).toEqual([moment, 6]);
});
