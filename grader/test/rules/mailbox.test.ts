// Which files are messages and when one is complete; cases at the edges of file-mailbox.
import { fileMailbox } from '../../src/rules/file-mailbox.js';
import { isMessagePath, isWhole, nameContent } from '../../src/rules/mailbox.js';
import { check } from './expect-findings.js';
import { FileBuilder } from './file-builder.js';

const A = '{"id":"a"}';
const B = '{"id":"b"}';
const MAILBOX = { mailbox: 'import', names: String.raw`/[^.].*\.json/`, whole: 'json' } as const;

function start() {
  const builder = new FileBuilder();
  const [producer, importer] = [builder.start('producer#1'), builder.start('importer#1')];
  const publish = (name: string, content: string) => {
    builder.write(producer, '.tmp', content);
    return builder.rename(producer, '.tmp', `import/${name}`);
  };
  const find = (parameters: object = {}) =>
    check(fileMailbox, builder.run(), parameters).map(({ code, actual, events }) => [code, actual, events]);
  return { builder, producer, importer, publish, find };
}

/** The trace holds no content of what was written last. */
function forget(builder: FileBuilder): void {
  const event = builder.trace.events.at(-1)!;
  if (event.kind === 'call') delete event.args.data;
}

test('a message lies in the mailbox itself, and has a name of its pattern', () => {
  const paths = ['import/a.json', 'import/.a.json', 'a.json', 'import/x/a.json', 'import/a.json.tmp', 'imports/a.json'];
  expect(paths.filter((path) => isMessagePath(MAILBOX, path))).toEqual(['import/a.json']);
  expect(paths.filter((path) => isMessagePath({ ...MAILBOX, mailbox: '.', names: 'a.json' }, path))).toEqual([
    'a.json',
  ]);
});

test('complete is an object or a list of JSON, what ends as it must, or anything; so is what is not known', () => {
  const texts = [null, '', '{', '{}', '[1]', '1', '"{}"', '{}.\n'];
  const isComplete = (whole: 'json' | 'any' | { ends: string }) =>
    texts.filter((text) => isWhole({ ...MAILBOX, whole }, text));
  expect(isComplete('json')).toEqual([null, '{}', '[1]']);
  expect(isComplete('any')).toEqual(texts);
  expect(isComplete({ ends: '.\n' })).toEqual([null, '{}.\n']);
  expect([null, '', '\u00C3\u00BC'].map((text) => nameContent(text, (each) => `<${each}>`))).toEqual([
    'is not known',
    'is empty',
    'holds <ü>',
  ]);
});

describe('a name is taken', () => {
  test('from a message that waits only if both are complete, known, and not the same', () => {
    const { builder, producer, publish, find } = start();
    builder.found('import/half.json', '{');
    builder.found('import/unknown.json', A);
    delete builder.trace.files![1]!.before;
    for (const name of ['half', 'unknown']) publish(`${name}.json`, A);
    builder.write(producer, '.tmp', B);
    forget(builder);
    builder.rename(producer, '.tmp', 'import/half.json');
    expect(find()).toEqual([]);
  });

  test('by link, too, by a file that is not complete; a claim is no message of the mailbox', () => {
    const { builder, producer, importer, publish, find } = start();
    builder.write(producer, '.half', '{');
    const linked = builder.link(producer, '.half', 'import/half.json');
    builder.rename(importer, 'import/half.json', 'work/half.json');
    publish('half.json', A);
    expect(find()).toEqual([['unfinished', 'holds "{"', [linked]]]);
  });
});

describe('a message that is made empty under its name', () => {
  test('is told, but not one that is written later, is linked, is not the maker’s, or may be empty', () => {
    const { builder, producer, importer, find } = start();
    builder.found('import/found.json', '');
    builder.open(importer, 'import/found.json', 'O_RDONLY');
    const made = builder.open(producer, 'import/empty.json', 'O_CREAT');
    const written = builder.write(producer, 'import/written.json', A);
    expect(find()).toEqual([
      ['written-in-place', 'open and write under the final name', [written, written + 1]],
      ['unfinished', 'is empty', [made]],
    ]);
    expect(find({ whole: 'any' }).map(([code]) => code)).toEqual(['written-in-place']);
  });
});

describe('a message is read', () => {
  test('too early if its maker writes on; what another adds later does not tear it', () => {
    const { builder, producer, importer, publish, find } = start();
    const named = publish('a.json', A);
    const read = builder.read(importer, 'import/a.json');
    const added = builder.append(importer, 'import/a.json', '\n');
    const byOther = ['unfinished', 'write after it got its final name', [named, added]];
    expect(find()).toEqual([byOther]);
    const later = builder.append(producer, 'import/a.json', '\n');
    expect(find()).toEqual([
      byOther,
      ['unfinished', 'write after it got its final name', [named, later]],
      ['torn-read', String.raw`the file holds "{\"id\":\"a\"}" at that moment`, [named, read, later]],
    ]);
  });

  test('whole if it was changed only before, or in another file, and before it has its name nobody reads a message', () => {
    const { builder, producer, importer, find } = start();
    builder.write(producer, '.a', '{');
    builder.read(importer, '.a');
    builder.append(producer, '.a', '}');
    builder.rename(producer, '.a', 'import/a.json');
    builder.read(importer, 'import/a.json');
    builder.write(producer, '.b', A);
    expect(find()).toEqual([]);
  });

  test('half if it lay there half at the start', () => {
    const { builder, importer, find } = start();
    builder.found('import/a.json', '{');
    const read = builder.read(importer, 'import/a.json');
    expect(find()).toEqual([['torn-read', 'the file holds "{" at that moment', [read]]]);
  });
});

describe('a file of the mailbox that is no message', () => {
  test('is touched by a write, by a cut, and by what takes its name; not by a look, or where it has no name any more', () => {
    const touch = (act: (builder: FileBuilder, process: number) => void): unknown[] => {
      const { builder, importer, find } = start();
      builder.found('import/notes', 'old');
      builder.found('notes', 'old');
      act(builder, importer);
      return find().map(([code, actual]) => `${String(code)}: ${String(actual)}`);
    };
    expect(touch((builder, process) => builder.append(process, 'import/notes', 'x'))).toEqual([
      'foreign-touched: write(import/notes)',
    ]);
    expect(touch((builder, process) => builder.truncate(process, 'import/notes', 0))).toEqual([
      'foreign-touched: truncate(import/notes)',
    ]);
    expect(touch((builder, process) => builder.open(process, 'import/notes', 'O_TRUNC'))).toEqual([
      'foreign-touched: open(import/notes)',
    ]);
    const fine = touch((builder, process) => {
      builder.open(process, 'import/notes', 'O_RDONLY');
      builder.append(process, 'import/notes', '');
      builder.link(process, 'import/notes', 'copy');
      builder.append(process, 'notes', 'x');
      builder.unlink(process, 'notes');
      builder.call(process, 'write', { path: 'import/gone', offset: 0, data: btoa('x') }, { file: 1, result: 1 });
    });
    expect(fine).toEqual([]);
  });

  test('belongs to its maker as long as that lives', () => {
    const { builder, producer, importer, find } = start();
    builder.write(producer, 'import/.a', '{');
    builder.append(producer, 'import/.a', '}');
    expect(find()).toEqual([]);
    builder.exit(builder.start('other#1'));
    const added = builder.append(importer, 'import/.a', '}');
    builder.exit(producer);
    builder.append(importer, 'import/.a', '}');
    expect(find()).toEqual([['foreign-touched', 'write(import/.a)', [2, added]]]);
  });
});

test('each process is told once of each thing that it does', () => {
  const { builder, producer, importer, find } = start();
  const codes = [producer, importer, producer, importer].map((process, index) => {
    builder.write(process, `import/${index}.json`, A);
    return find().map(([code]) => code);
  });
  expect(codes.map((each) => each.length)).toEqual([1, 2, 2, 2]);
  expect(find({ min: 4 })).toHaveLength(2);
});
