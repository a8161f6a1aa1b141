import { scansAgain } from '../../src/rules/scans-again.js';
import { getMessageName } from '../../src/rules/mailbox.js';
import { check } from './expect-findings.js';
import { FileBuilder } from './file-builder.js';

const TEXT = '{"id":"a"}';

function start() {
  const builder = new FileBuilder();
  const producer = builder.start('producer#1');
  const importer = builder.start('importer#1');
  const folders = ['import', 'work'].map((path) => {
    builder.found(path);
    const file = builder.trace.files!.length - 1;
    Object.assign(builder.trace.files![file]!, { kind: 'folder' });
    return { path, file };
  });
  /** What readdir does: it goes on until nothing comes any more. */
  const scan = (process = importer, folder = 'import') => {
    const { path, file } = folders.find((each) => each.path === folder)!;
    builder.call(process, 'open', { path, flags: ['O_RDONLY', 'O_DIRECTORY'] }, { file, result: 9 });
    const scanned = builder.call(process, 'getdents', { path }, { file, result: 64 });
    builder.call(process, 'getdents', { path }, { file, result: 0 });
    builder.call(process, 'close', { path }, { file });
    return scanned;
  };
  const send = (name = 'a.json') => {
    builder.write(producer, `import/.${name}`, TEXT);
    return builder.rename(producer, `import/.${name}`, `import/${name}`);
  };
  const claim = (process = importer, name = 'a.json', from = `import/${name}`) =>
    builder.rename(process, from, `work/${name}.${process}`);
  const finish = (process = importer, name = 'a.json') => {
    builder.read(process, `work/${name}.${process}`);
    builder.write(process, `done/.${process}`, TEXT);
    builder.rename(process, `done/.${process}`, `done/${name}`);
    builder.unlink(process, `work/${name}.${process}`);
  };
  const end = (process = importer, code = 0) => builder.exit(process, code);
  const find = (parameters: object = {}) =>
    check(scansAgain, builder.run(), { done: 'done', claims: 'work', ...parameters });
  return { builder, producer, importer, scan, send, claim, finish, end, find };
}

const notAgain = (name: string, folder: string, events: number[], process: number) => ({
  code: 'not-again',
  message: `importer#1 took ${name} after its last scan of ${folder}, and ended: it did not look whether more had come meanwhile.`,
  events,
  expected: `the last scan of ${folder} finds nothing to take`,
  actual: `${name} taken, and no scan of ${folder} after it`,
  processes: [process],
});

test('who scans until nothing is there to take passes, in whatever order it scans and works', () => {
  const { builder, scan, send, claim, finish, end, find } = start();
  builder.found('work/old.json.999', TEXT);
  for (const name of ['a.json', 'b.json']) send(name);
  scan();
  for (const name of ['a.json', 'b.json']) claim(undefined, name);
  scan(undefined, 'work');
  claim(undefined, 'old.json', 'work/old.json.999');
  scan();
  scan(undefined, 'work');
  for (const name of ['a.json', 'b.json', 'old.json']) finish(undefined, name);
  end();
  expect(find({ min: 1 })).toEqual([]);
});

test('not-again: one pass over the mailbox, even if the end of its scan is read last', () => {
  const { builder, importer, scan, send, claim, finish, end, find } = start();
  for (const name of ['a.json', 'b.json']) send(name);
  scan(undefined, 'work');
  const scanned = scan();
  claim();
  finish();
  const last = claim(undefined, 'b.json');
  finish(undefined, 'b.json');
  builder.call(importer, 'getdents', { path: 'import' }, { result: 0 });
  scan(undefined, 'work');
  const ended = end();
  expect(find()).toEqual([notAgain('b.json', 'import', [scanned, last, ended], importer)]);
  expect(find({ mailbox: 'elsewhere' })).toEqual([]);
});

test('not-again: what others had claimed, if the lab says where that is', () => {
  const { builder, importer, scan, claim, finish, end, find } = start();
  builder.found('work/.keep');
  builder.found('work/old.json.999', TEXT);
  const scanned = scan(undefined, 'work');
  const taken = claim(undefined, 'old.json', 'work/old.json.999');
  finish(undefined, 'old.json');
  scan();
  const ended = end();
  expect(find()).toEqual([notAgain('old.json', 'work', [scanned, taken, ended], importer)]);
  expect(find({ claims: undefined })).toEqual([]);
});

test('not-again: without a claim it is the first read that tells', () => {
  const { builder, importer, scan, send, end, find } = start();
  send();
  const scanned = scan();
  const read = builder.read(importer, 'import/a.json');
  builder.write(importer, 'done/a.json', TEXT);
  builder.unlink(importer, 'import/a.json');
  const ended = end();
  expect(find()).toEqual([notAgain('a.json', 'import', [scanned, read, ended], importer)]);
});

test('what another one has made the result of, or what one sends oneself, is not taken', () => {
  const { builder, producer, importer, scan, send, claim, finish, end, find } = start();
  const other = builder.start('importer#2');
  send();
  scan();
  scan(other);
  builder.read(importer, 'import/a.json');
  claim(other);
  finish(other);
  scan(other);
  end(other);
  end();
  scan(producer);
  builder.write(producer, 'import/.b', TEXT);
  builder.rename(producer, 'import/.b', 'import/b.json');
  builder.write(producer, 'done/b.json', TEXT);
  builder.write(producer, 'done/c.json', TEXT);
  end(producer);
  expect(find()).toEqual([]);
});

test('a parent and the children that work for it are one; it is told of when all have ended', () => {
  const { builder, importer, scan, send, claim, finish, end, find } = start();
  send();
  const scanned = scan();
  const child = builder.fork(importer);
  const taken = claim(child);
  finish(child);
  const ended = end();
  expect(find()).toEqual([]);
  end(child);
  expect(find()).toEqual([notAgain('a.json', 'import', [scanned, taken, ended], importer)]);
  scan(child);
  expect(find()).toEqual([]);
});

test('who was killed, failed, was told to stop, lives on, or scans in a way that is not seen, is not told of', () => {
  const end = (act: (parts: ReturnType<typeof start>) => void, isSeen = true): number => {
    const parts = start();
    parts.send();
    if (isSeen) parts.scan();
    parts.claim();
    parts.finish();
    act(parts);
    return parts.find().length;
  };
  expect(end((parts) => parts.end())).toBe(1);
  expect(end((parts) => parts.end(), false)).toBe(0);
  expect(end((parts) => parts.end(parts.importer, 1))).toBe(0);
  expect(end(({ builder, importer }) => builder.die(importer, 'SIGKILL'))).toBe(0);
  expect(end(({ builder }) => builder.end({ cause: 'deadlock', waits: [] }))).toBe(0);
  const signal = (action: 'handler' | 'ignored', from: 'scenario' | 'kernel') =>
    end((parts) => {
      parts.builder.signal(parts.importer, action, from);
      parts.end();
    });
  expect(signal('handler', 'scenario')).toBe(0);
  expect(signal('ignored', 'scenario')).toBe(1);
  expect(signal('handler', 'kernel')).toBe(1);
  const ofAnother = end((parts) => {
    parts.builder.signal(parts.producer, 'handler');
    parts.end();
  });
  expect(ofAnother).toBe(1);
});

test('none-taken: fewer of those that were there than the lab asks for, in a run that was whole', () => {
  const { builder, producer, scan, send, claim, finish, find } = start();
  const few = (message: string, expected: string, actual: string) => ({
    code: 'none-taken',
    message,
    events: [],
    expected,
    actual,
    processes: [],
  });
  const take = (name: string, from?: string) => {
    claim(undefined, name, from);
    finish(undefined, name);
  };
  expect(find({ min: 1 })).toEqual([]);
  builder.found('import/a.json', TEXT);
  builder.found('work/b.json.999', TEXT);
  send('c.json');
  take('c.json');
  expect(find()).toEqual([]);
  const nobody = 'Nobody took a message that was there at the start.';
  expect(find({ min: 1 })).toEqual([few(nobody, 'at least one message', 'none')]);
  take('a.json');
  scan();
  expect(find({ min: 1 })).toEqual([]);
  const one = 'Of the messages that were there at the start, only 1 of at least 2 were taken.';
  expect(find({ min: 2 })).toEqual([few(one, 'at least 2 messages', '1')]);
  expect(find({ min: 3 })).toEqual([]);
  builder.end({ cause: 'deadlock', waits: [] });
  expect(find({ min: 2 })).toEqual([]);
  builder.end({ cause: 'completed', waits: [] });
  expect(find({ min: 2 })).toHaveLength(1);
  take('b.json', 'work/b.json.999');
  expect(find({ min: 2 })).toEqual([]);
  const killed = start();
  killed.builder.found('import/a.json', TEXT);
  expect(killed.find({ min: 1 })).toHaveLength(1);
  killed.builder.signal(producer, 'killed', 'scenario', 'before', 'SIGKILL');
  expect(killed.find({ min: 1 })).toEqual([]);
});

test('a claim is called as its message, and then something', () => {
  const naming = { mailbox: 'import', names: String.raw`/[^.].*\.json/` };
  const name = (path: string, claims?: string) => getMessageName(naming, path, claims);
  expect(name('import/a.json')).toBe('a.json');
  expect(name('work/a.json.4711', 'work')).toBe('a.json');
  expect(name('work/a.json', 'work')).toBe('a.json');
  expect(name('work/a.json.4711')).toBeUndefined();
  expect(name('work/.a.json.4711', 'work')).toBeUndefined();
  expect(name('work/a.txt', 'work')).toBeUndefined();
  expect(name('import/a.json.tmp', 'work')).toBeUndefined();
});
