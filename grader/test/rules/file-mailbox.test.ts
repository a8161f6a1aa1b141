import { fileMailbox } from '../../src/rules/file-mailbox.js';
import { check } from './expect-findings.js';
import { FileBuilder } from './file-builder.js';

const A = '{"id":"a"}';
const B = '{"id":"b"}';

function start() {
  const builder = new FileBuilder();
  const producer = builder.start('producer#1');
  const importer = builder.start('importer#1');
  const find = (parameters: object = {}) => check(fileMailbox, builder.run(), parameters);
  return { builder, producer, importer, find };
}

test('a message that is written under another name and then renamed or linked passes; so do its claim and its end', () => {
  const { builder, producer, importer, find } = start();
  builder.found('import/README.txt', 'old');
  builder.found('import/old.json', A);
  builder.write(producer, 'import/.a', '{"id":', '"a"}');
  builder.rename(producer, 'import/.a', 'import/a.json');
  builder.write(producer, 'tmp', B);
  builder.link(producer, 'tmp', 'import/b.json');
  builder.unlink(producer, 'tmp');
  for (const name of ['a.json', 'b.json', 'old.json']) {
    builder.rename(importer, `import/${name}`, `work/${name}`);
    builder.read(importer, `work/${name}`);
    builder.append(importer, `work/${name}`, '\n');
    builder.unlink(importer, `work/${name}`);
  }
  expect(find()).toEqual([]);
});

test('written-in-place: the reader may look between two writes, even if it does not', () => {
  const { builder, producer, importer, find } = start();
  const made = builder.write(producer, 'import/a.json', '{"id":', '"a"}');
  builder.write(producer, 'import/b.json', B);
  builder.read(importer, 'import/a.json');
  expect(find()).toEqual([
    {
      code: 'written-in-place',
      message:
        'producer#1 made import/a.json under its final name, and then wrote into it: whoever looks in between finds a part of a message.',
      events: [made, made + 1],
      expected: 'complete before it gets its final name',
      actual: 'open and write under the final name',
      processes: [producer],
    },
  ]);
  expect(find({ mailbox: 'in' })).toEqual([]);
  expect(find({ names: '/.*\\.xml/' })).toEqual([]);
});

test('torn-read: a reader came when a part was there', () => {
  const { builder, producer, importer, find } = start();
  const made = builder.write(producer, 'import/a.json', '{"id":');
  const read = builder.read(importer, 'import/a.json');
  builder.read(producer, 'import/a.json');
  const rest = builder.append(producer, 'import/a.json', '"a"}');
  const torn = {
    code: 'torn-read',
    message: 'importer#1 read import/a.json before it was complete.',
    events: [made, read, rest],
    expected: 'a message is seen whole, or not at all',
    actual: String.raw`the file holds "{\"id\":" at that moment`,
    processes: [importer],
  };
  const inPlace = expect.objectContaining({ code: 'written-in-place' }) as unknown;
  expect(find()).toEqual([inPlace, torn]);
  expect(find({ whole: { ends: ':' } })).toEqual([inPlace, torn]);
});

test('torn-read: what a killed writer has left is a part, too', () => {
  const { builder, producer, importer, find } = start();
  const made = builder.open(producer, 'import/a.json', 'O_WRONLY', 'O_CREAT');
  builder.die(producer, 'SIGKILL');
  const read = builder.read(importer, 'import/a.json');
  const empty = {
    code: 'unfinished',
    message: 'producer#1 made import/a.json empty, under its final name.',
    events: [made],
    expected: 'complete before it gets its final name',
    actual: 'is empty',
    processes: [producer],
  };
  expect(find()).toEqual([
    empty,
    {
      code: 'torn-read',
      message: 'importer#1 read import/a.json before it was complete.',
      events: [made, read],
      expected: 'a message is seen whole, or not at all',
      actual: 'the file is empty at that moment',
      processes: [importer],
    },
  ]);
  expect(find({ whole: 'any' })).toEqual([]);
});

test('unfinished: the name is given before the last write, or to the rest of one who was killed', () => {
  const { builder, producer, importer, find } = start();
  builder.write(producer, '.a', '{"id":');
  const renamed = builder.rename(producer, '.a', 'import/a.json');
  const written = builder.append(producer, 'import/a.json', '"a"}');
  expect(find()).toEqual([
    {
      code: 'unfinished',
      message: String.raw`producer#1 gave the name import/a.json to a file that was not complete: it holds "{\"id\":".`,
      events: [renamed],
      expected: 'complete before it gets its final name',
      actual: String.raw`holds "{\"id\":"`,
      processes: [producer],
    },
  ]);
  expect(find({ whole: 'any' })).toEqual([
    {
      code: 'unfinished',
      message: 'producer#1 changed import/a.json when it had its final name already.',
      events: [renamed, written],
      expected: 'complete before it gets its final name',
      actual: 'write after it got its final name',
      processes: [producer],
    },
  ]);
  builder.truncate(importer, 'import/a.json', 3);
  expect(find().map(({ code, actual }) => [code, actual])).toEqual([
    ['unfinished', String.raw`holds "{\"id\":"`],
    ['unfinished', 'truncate after it got its final name'],
  ]);
});

test('overwritten: a message takes the name of one that still waits', () => {
  const { builder, producer, find } = start();
  const send = (content: string) => {
    builder.write(producer, '.tmp', content);
    return builder.rename(producer, '.tmp', 'import/message.json');
  };
  send(A);
  send(A); // the same, sent again
  expect(find()).toEqual([]);
  const second = send(B);
  expect(find()).toEqual([
    {
      code: 'overwritten',
      message:
        'producer#1 gave a new message the name import/message.json, which another one still had: that one is lost.',
      events: [second],
      expected: 'a name that no other message has',
      actual: String.raw`replaced a message that holds "{\"id\":\"a\"}"`,
      processes: [producer],
    },
  ]);
});

test('not-sent: fewer messages than the lab asks for, each name counted once', () => {
  const { builder, producer, find } = start();
  expect(find({ min: 1 })).toEqual([
    {
      code: 'not-sent',
      message: 'No message appeared in import.',
      events: [],
      expected: 'at least one message',
      actual: 'none',
      processes: [],
    },
  ]);
  for (const name of ['a', 'a', 'b']) {
    builder.write(producer, '.tmp', A);
    builder.rename(producer, '.tmp', `import/${name}.json`);
  }
  expect(find({ min: 2 })).toEqual([]);
  expect(find({ min: 3 })).toEqual([
    {
      code: 'not-sent',
      message: 'Only 2 of at least 3 messages appeared in import.',
      events: [],
      expected: 'at least 3 messages',
      actual: '2',
      processes: [],
    },
  ]);
  builder.end({ cause: 'deadlock', waits: [] });
  expect(find({ min: 3 })).toEqual([]);
  builder.end({ cause: 'completed', waits: [] });
  builder.signal(producer, 'killed', 'scenario', 'before', 'SIGKILL');
  expect(find({ min: 3 })).toEqual([]);
});

test('foreign-touched: what lay in the mailbox, or what another is still writing, is moved or removed', () => {
  const { builder, producer, importer, find } = start();
  builder.found('import/README.txt', 'old');
  builder.found('notes.txt', 'old');
  const made = builder.write(producer, 'import/.a', '{');
  const moved = builder.rename(importer, 'import/.a', 'work/.a');
  const foreign = (actual: string, name: string, call: string, events: number[]) => ({
    code: 'foreign-touched',
    message: `importer#1 made ${call} of ${name}, which is no message, and not its own.`,
    events,
    expected: `${name} is left alone`,
    actual,
    processes: [importer],
  });
  expect(find()).toEqual([foreign('rename(import/.a, work/.a)', 'import/.a', 'rename', [made, moved])]);

  const other = start();
  other.builder.found('import/README.txt', 'old');
  other.builder.read(other.importer, 'import/README.txt');
  expect(other.find()).toEqual([]);
  const gone = other.builder.unlink(other.importer, 'import/README.txt');
  expect(other.find()).toEqual([foreign('unlink(import/README.txt)', 'import/README.txt', 'unlink', [gone])]);
});

test('the rests of one who is gone may be removed, and one’s own files too', () => {
  const { builder, producer, importer, find } = start();
  builder.write(producer, 'import/.a', '{');
  builder.write(producer, 'import/.b', '{');
  builder.unlink(producer, 'import/.b');
  builder.die(producer, 'SIGKILL');
  builder.unlink(importer, 'import/.a');
  expect(find()).toEqual([]);
});

test('a folder takes its messages along; what the trace does not hold is not judged', () => {
  const { builder, producer, find } = start();
  builder.write(producer, 'new/a.json', '{');
  const event = builder.trace.events.at(-1)!;
  if (event.kind === 'call') delete event.args.data;
  builder.trace.files!.push({ kind: 'folder', path: 'new', creator: producer, createdAt: 0, left: null });
  builder.call(producer, 'rename', { path: 'new', to: 'import' }, { file: 1 });
  expect(find()).toEqual([]);
});
