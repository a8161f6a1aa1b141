// What the calls of a run make of its files: names and contents, call by call.
import type { FileRecord } from '@ipclab/native/supervisor';
import { decodeBytes, decodeContent, getFilesAtStart, replayFiles, splitPath } from '../../src/model/files.js';
import type { Run } from '../../src/model/run.js';
import { FileBuilder } from '../rules/file-builder.js';
import { TraceBuilder } from '../rules/trace-builder.js';

const LONGEST = 65_536;

function start() {
  const builder = new FileBuilder();
  return { builder, process: builder.start('main#1') };
}

/** Adds a file that no call of these tests makes; answers its number. */
function addRecord(builder: TraceBuilder, record: Partial<FileRecord>): number {
  const records = (builder.trace.files ??= []);
  return records.push({ kind: 'file', path: 'x', creator: null, createdAt: null, left: null, ...record }) - 1;
}

/** Each step: the call, names that came and went, and whether it changes what is in the file. */
const tell = (run: Run) =>
  [...replayFiles(run)].map(({ event, file, given, taken, isWrite }) => [event.name, file, given, taken, isWrite]);

/** Name and content of each file after the last call. */
function getLast(run: Run): Record<string, string | null> {
  const state = [...replayFiles(run)].at(-1)?.after ?? getFilesAtStart(run);
  return Object.fromEntries([...state.paths].map(([path, file]) => [path, state.getContent(file)]));
}

test('a path is a folder and a name; one without a folder is in the working folder', () => {
  expect(['import/a.json', 'a/b/c', 'a.json', '/a'].map(splitPath)).toEqual([
    { folder: 'import', name: 'a.json' },
    { folder: 'a/b', name: 'c' },
    { folder: '.', name: 'a.json' },
    { folder: '', name: 'a' },
  ]);
});

test('bytes are decoded as UTF-8; a content that the trace cuts is not known', () => {
  expect(decodeBytes('\u00C3\u00BC!')).toBe('ü!');
  expect([undefined, '', btoa('a'), btoa('x'.repeat(LONGEST))].map(decodeContent)).toEqual([null, '', 'a', null]);
  expect(decodeContent(btoa('x'.repeat(LONGEST - 1)))).toHaveLength(LONGEST - 1);
});

describe('at the start', () => {
  test('there are the files that no process made, with what they held, and no working folder', () => {
    const { builder, process } = start();
    builder.found('a', 'text');
    addRecord(builder, { path: '.', kind: 'folder' });
    addRecord(builder, { path: 'import', kind: 'folder', before: btoa('no text') });
    addRecord(builder, { path: 'unread' });
    builder.write(process, 'later', 'x');
    const state = getFilesAtStart(builder.run());
    expect([...state.paths]).toEqual([
      ['a', 0],
      ['import', 2],
      ['unread', 3],
    ]);
    expect([0, 1, 2, 3, 4, 5].map((file) => state.getContent(file))).toEqual(['text', null, null, null, '', null]);
  });

  test('of a trace without files nothing is known', () => {
    const builder = new TraceBuilder();
    const process = builder.start('main#1');
    builder.call(process, 'open', { path: 'a' }, { file: 0 });
    delete builder.trace.files;
    expect([...getFilesAtStart(builder.run()).paths]).toEqual([]);
    expect(tell(builder.run())).toEqual([['open', 0, [], [], false]]);
  });
});

describe('step by step', () => {
  test('a file is made by the open that creates it, written, cut and added to', () => {
    const { builder, process } = start();
    builder.write(process, 'a', 'one', 'two');
    builder.truncate(process, 'a', 4);
    builder.open(process, 'a', 'O_RDONLY');
    builder.read(process, 'a');
    builder.open(process, 'a', 'O_WRONLY', 'O_TRUNC');
    builder.append(process, 'a', '');
    const steps = [...replayFiles(builder.run())];
    expect(tell(builder.run())).toEqual([
      ['open', 0, ['a'], [], true],
      ['write', 0, [], [], true],
      ['write', 0, [], [], true],
      ['truncate', 0, [], [], true],
      ['open', 0, [], [], false],
      ['read', 0, [], [], false],
      ['open', 0, [], [], true],
      ['write', 0, [], [], false],
    ]);
    expect(steps.map(({ before }) => before.getContent(0))).toEqual([
      '',
      '',
      'one',
      'onetwo',
      'onet',
      'onet',
      'onet',
      '',
    ]);
    expect(steps.map(({ after }) => after.getContent(0))).toEqual([
      '',
      'one',
      'onetwo',
      'onet',
      'onet',
      'onet',
      '',
      '',
    ]);
    expect(steps.map(({ before, after }) => [before.paths.has('a'), after.paths.has('a')])[0]).toEqual([false, true]);
  });

  test('a write stands where it was made; what lies between is zeros, and so is what a longer size adds', () => {
    const { builder, process } = start();
    builder.found('a', 'abcdef');
    const write = (text: string, offset: number) =>
      builder.call(process, 'write', { path: 'a', offset, data: btoa(text) }, { file: 0, result: text.length });
    write('XY', 2);
    expect(getLast(builder.run())).toEqual({ a: 'abXYef' });
    write('Z', 8);
    expect(getLast(builder.run())).toEqual({ a: 'abXYef\0\0Z' });
    builder.call(process, 'truncate', { path: 'a', sizeBytes: 3 }, { file: 0 });
    builder.call(process, 'truncate', { path: 'a', sizeBytes: 5 }, { file: 0 });
    expect(getLast(builder.run())).toEqual({ a: 'abX\0\0' });
  });

  test('what a call leaves is not known if the trace does not hold all of it, until the file is emptied', () => {
    const leaves = (args: object, result = 2, name: 'write' | 'truncate' = 'write', before?: string) => {
      const { builder, process } = start();
      builder.found('a', 'abc');
      if (before === undefined) delete builder.trace.files![0]!.before;
      builder.call(process, name, { path: 'a', ...args }, { file: 0, result });
      const left = getLast(builder.run())['a'];
      builder.open(process, 'a', 'O_WRONLY', 'O_TRUNC');
      return [left, getLast(builder.run())['a']];
    };
    const data = btoa('XY');
    expect(leaves({ offset: 0, data }, 2, 'write', 'abc')).toEqual(['XYc', '']);
    expect(leaves({ offset: 0, data }, 3, 'write', 'abc')).toEqual([null, '']);
    expect(leaves({ data }, 2, 'write', 'abc')).toEqual([null, '']);
    expect(leaves({ offset: 0 }, 2, 'write', 'abc')).toEqual([null, '']);
    expect(leaves({ offset: 0, data })).toEqual([null, '']);
    expect(leaves({ sizeBytes: 1 }, 0, 'truncate', 'abc')).toEqual(['a', '']);
    expect(leaves({}, 0, 'truncate', 'abc')).toEqual([null, '']);
    expect(leaves({ sizeBytes: 1 }, 0, 'truncate')).toEqual([null, '']);
  });

  test('a rename moves the name, and takes that of another file; that one’s content is still known', () => {
    const { builder, process } = start();
    builder.found('a', 'A');
    builder.found('b', 'B');
    builder.rename(process, 'a', 'b');
    const [step] = replayFiles(builder.run());
    expect(tell(builder.run())).toEqual([['rename', 0, ['b'], ['a', 'b'], false]]);
    expect([...step!.after.paths]).toEqual([['b', 0]]);
    expect([...step!.before.paths]).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
    expect([step!.after.getContent(0), step!.after.getContent(1)]).toEqual(['A', 'B']);
  });

  test('a rename to the same name, or to another name of the same file, changes nothing', () => {
    const { builder, process } = start();
    builder.found('a', 'A');
    builder.link(process, 'a', 'b');
    builder.call(process, 'rename', { path: 'a', to: 'b' }, { file: 0 });
    builder.call(process, 'rename', { path: 'a', to: 'a' }, { file: 0 });
    expect(tell(builder.run())).toEqual([
      ['link', 0, ['b'], [], false],
      ['rename', 0, [], [], false],
      ['rename', 0, [], [], false],
    ]);
    expect(getLast(builder.run())).toEqual({ a: 'A', b: 'A' });
  });

  test('a folder takes along what is in it, and not what only begins alike', () => {
    const { builder, process } = start();
    const folder = addRecord(builder, { kind: 'folder', path: 'new' });
    builder.trace.files!.push({ kind: 'file', path: 'new/a', creator: null, createdAt: null, left: null, before: '' });
    addRecord(builder, { path: 'new/in/b', before: btoa('B') });
    addRecord(builder, { path: 'newer', before: btoa('C') });
    builder.call(process, 'rename', { path: 'new', to: 'import' }, { file: folder });
    expect(tell(builder.run())).toEqual([
      ['rename', 0, ['import', 'import/a', 'import/in/b'], ['new', 'new/a', 'new/in/b'], false],
    ]);
    const [step] = replayFiles(builder.run());
    expect([...step!.after.paths]).toEqual([
      ['newer', 3],
      ['import', 0],
      ['import/a', 1],
      ['import/in/b', 2],
    ]);
  });

  test('names are given by link, symlink and mkdir, and taken by unlink and rmdir', () => {
    const { builder, process } = start();
    builder.found('a', 'A');
    addRecord(builder, { kind: 'folder', path: 'made', creator: process });
    addRecord(builder, { kind: 'file', path: 'sym', creator: process });
    builder.call(process, 'mkdir', { path: 'made' }, { file: 1 });
    builder.call(process, 'symlink', { path: 'sym' }, { file: 2 });
    builder.call(process, 'symlink', { path: 'sym' }, { file: 2 });
    builder.call(process, 'link', { path: 'a', to: 'made/b' }, { file: 0 });
    builder.call(process, 'unlink', { path: 'a' }, { file: 0 });
    builder.call(process, 'unlink', { path: 'made/b' }, { file: 0 });
    builder.call(process, 'rmdir', { path: 'made' }, { file: 1 });
    expect(tell(builder.run())).toEqual([
      ['mkdir', 1, ['made'], [], false],
      ['symlink', 2, ['sym'], [], false],
      ['symlink', 2, [], [], false],
      ['link', 0, ['made/b'], [], false],
      ['unlink', 0, [], ['a'], false],
      ['unlink', 0, [], ['made/b'], false],
      ['rmdir', 1, [], ['made'], false],
    ]);
    expect(getLast(builder.run())).toEqual({ sym: '' });
    expect([...replayFiles(builder.run())].at(-1)!.after.getContent(0)).toBe('A');
  });

  test('calls that failed, or are about no file that is known, are left out', () => {
    const { builder, process } = start();
    builder.found('a', 'A');
    builder.call(process, 'unlink', { path: 'a' }, { file: 0, error: 'EACCES' });
    builder.call(process, 'unlink', { path: 'a' });
    builder.call(process, 'close', { fd: 9 }, { file: 0 });
    builder.queue(process);
    expect(tell(builder.run())).toEqual([]);
  });
});
