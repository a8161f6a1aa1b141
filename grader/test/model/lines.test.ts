import { getLines } from '../../src/model/lines.js';
import { TraceBuilder } from '../rules/trace-builder.js';

test('a line is known by its letters, and by when it began and ended', () => {
  const builder = new TraceBuilder();
  const [main, other] = [builder.start('main#1'), builder.start('other#1')];
  const first = builder.print(main, 'one\r\ntwo\nth');
  builder.print(other, 'mine\n');
  builder.print(main, 'stderr\n', 'stderr');
  const second = builder.print(main, 're');
  const third = builder.print(main, 'e\n\nf');
  builder.exit(main);
  const line = { process: main, begunAt: first, seq: first, isOpen: false };
  expect(getLines(builder.run(), [main], 'stdout')).toEqual([
    { ...line, text: 'one' },
    { ...line, text: 'two' },
    { ...line, text: 'three', seq: third },
    { ...line, text: '', begunAt: third, seq: third },
    { ...line, text: 'f', begunAt: third, seq: third, isOpen: true },
  ]);
  expect(second).toBeLessThan(third);
});

test('a piece that ends a line leaves nothing for the next', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  builder.print(main, 'one\n');
  const next = builder.print(main, 'two\n');
  builder.exit(main);
  expect(getLines(builder.run(), [main], 'stdout').map(({ text, begunAt }) => [text, begunAt])).toEqual([
    ['one', next - 1],
    ['two', next],
  ]);
});

test('of a process that we ended there is no line but those that it had ended', () => {
  const builder = new TraceBuilder();
  const main = builder.start('main#1');
  builder.print(main, 'one\ntwo');
  expect(getLines(builder.run(), [main], 'stdout').map(({ text }) => text)).toEqual(['one']);
});
