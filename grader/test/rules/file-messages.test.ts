import { fileMessages } from '../../src/rules/file-messages.js';
import { check } from './expect-findings.js';
import { FileBuilder } from './file-builder.js';

const TEXT = '{"id":"a"}';
const HALF = TEXT.slice(0, 4);

function start() {
  const builder = new FileBuilder();
  const producer = builder.start('producer#1');
  const importer = builder.start('importer#1');
  const again = builder.start('importer#2');
  const send = (name = 'a.json') => {
    builder.write(producer, '.tmp', TEXT);
    return builder.rename(producer, '.tmp', `import/${name}`);
  };
  const finish = (process: number, name = 'a.json') => {
    builder.write(process, 'done/.tmp', TEXT);
    return builder.rename(process, 'done/.tmp', `done/${name}`);
  };
  const claim = (process: number, name = 'a.json') => builder.rename(process, `import/${name}`, `work/${name}`);
  const find = (parameters: object = {}) => check(fileMessages, builder.run(), { done: 'done', ...parameters });
  return { builder, producer, importer, again, send, finish, claim, find };
}

test('each message is claimed, worked on and removed; those that were there at the start, too', () => {
  const { builder, importer, send, finish, claim, find } = start();
  builder.found('import/old.json', TEXT);
  builder.found('import/README.txt');
  send();
  for (const name of ['a.json', 'old.json']) {
    claim(importer, name);
    finish(importer, name);
    builder.unlink(importer, `work/${name}`);
  }
  expect(find({ results: { 'a.json': { id: 'a' }, 'old.json': { id: 'a' } } })).toEqual([]);
});

test('a message that is sent again and dropped, and a result that is begun again, pass', () => {
  const { builder, producer, importer, again, send, finish, claim, find } = start();
  send();
  claim(importer);
  finish(importer);
  send();
  builder.unlink(again, 'import/a.json');
  send('b.json');
  builder.write(importer, 'done/b.json', HALF);
  builder.die(importer, 'SIGKILL');
  builder.write(again, 'done/b.json', TEXT);
  builder.write(producer, 'done/other.json', TEXT);
  builder.write(producer, 'done/other.json', TEXT);
  expect(find()).toEqual([]);
});

test('twice: the result is made again, over the complete one', () => {
  const { builder, importer, again, send, finish, find } = start();
  send();
  const first = finish(importer);
  const second = finish(again);
  const twice = {
    code: 'twice',
    message: 'importer#1 made the result of a.json, and importer#2 made it again.',
    events: [first, second],
    expected: 'one result of each message',
    actual: 'made twice',
    processes: [importer, again],
  };
  expect(find()).toEqual([twice]);
  builder.end({ cause: 'deadlock', waits: [] });
  expect(find({ results: { 'b.json': {} } })).toEqual([twice]);
});

test('twice: in place, or after the first result has gone', () => {
  const inPlace = start();
  inPlace.send();
  const first = inPlace.builder.write(inPlace.importer, 'done/a.json', TEXT);
  const second = inPlace.builder.write(inPlace.importer, 'done/a.json', TEXT);
  expect(inPlace.find()).toEqual([
    {
      code: 'twice',
      message: 'importer#1 made the result of a.json twice.',
      events: [first, second],
      expected: 'one result of each message',
      actual: 'made twice',
      processes: [inPlace.importer],
    },
  ]);
  const gone = start();
  gone.send();
  gone.finish(gone.importer);
  gone.builder.unlink(gone.importer, 'done/a.json');
  gone.finish(gone.again);
  expect(gone.find().map(({ code }) => code)).toEqual(['twice']);
});

test('lost: removed before there was a result', () => {
  const { builder, producer, importer, send, find } = start();
  const sent = send();
  const removed = builder.unlink(importer, 'import/a.json');
  builder.signal(importer, 'killed', 'scenario', 'after', 'SIGKILL');
  builder.die(importer, 'SIGKILL');
  expect(find()).toEqual([]);
  expect(find({ signalled: 'check' })).toEqual([
    {
      code: 'lost',
      message: 'The message a.json that producer#1 sent is gone, and there is no result of it.',
      events: [sent, removed],
      expected: 'a result done/a.json',
      actual: 'neither message nor result',
      processes: [producer],
    },
  ]);
});

test('left-behind: nobody came for it, or for what a dead one had claimed', () => {
  const { builder, importer, claim, find } = start();
  builder.found('import/a.json', TEXT);
  const behind = (events: number[], left: string) => ({
    code: 'left-behind',
    message: 'All have ended, and nobody has worked on the message a.json.',
    events,
    expected: 'a result done/a.json',
    actual: `the message lies in ${left}`,
    processes: [],
  });
  expect(find()).toEqual([behind([], 'import/a.json')]);
  const claimed = claim(importer);
  expect(find()).toEqual([behind([claimed], 'work/a.json')]);
});

test('left-behind: what a dead one had claimed before the start', () => {
  const { builder, importer, finish, find } = start();
  builder.found('work/a.json.999', TEXT);
  builder.found('work/b.json.999', TEXT);
  const parameters = { claims: 'work', results: { 'a.json': { id: 'a' } } };
  expect(find(parameters).map(({ code, actual }) => [code, actual])).toEqual([
    ['left-behind', 'the message lies in work/a.json.999'],
  ]);
  expect(find({ results: parameters.results }).map(({ code }) => code)).toEqual(['not-sent']);
  finish(importer);
  expect(find(parameters)).toEqual([]);
});

test('half-done: the result was cut', () => {
  const { builder, importer, send, find } = start();
  send();
  const made = builder.write(importer, 'done/a.json', HALF);
  expect(find()).toEqual([
    {
      code: 'half-done',
      message: String.raw`The result of a.json is not complete: it holds "{\"id".`,
      events: [made],
      expected: 'a result that is complete',
      actual: String.raw`holds "{\"id"`,
      processes: [importer],
    },
  ]);
  expect(find({ whole: 'any' })).toEqual([]);
});

test('wrong-result: it says something else', () => {
  const { importer, send, finish, find } = start();
  send();
  const made = finish(importer);
  expect(find({ results: { 'a.json': { id: 'a', total: 1 } } })).toEqual([
    {
      code: 'wrong-result',
      message: 'The result of a.json is not right.',
      events: [made],
      expected: '{"id":"a","total":1}',
      actual: String.raw`"{\"id\":\"a\"}"`,
      processes: [importer],
    },
  ]);
  expect(find({ whole: 'any', results: { 'a.json': [] } }).map(({ code }) => code)).toEqual(['wrong-result']);
});

test('not-sent: messages that the lab asks for never came', () => {
  const { importer, send, finish, find } = start();
  const missing = (message: string, actual: string) => ({
    code: 'not-sent',
    message,
    events: [],
    expected: 'import/b.json appears',
    actual,
    processes: [],
  });
  const results = { 'b.json': {}, 'c.json': {} };
  expect(find({ results })).toEqual([missing('Nobody sent b.json, nor 1 more.', 'no message at all')]);
  send();
  finish(importer);
  expect(find({ results: { 'a.json': { id: 'a' }, 'b.json': {} } })).toEqual([
    missing('Nobody sent b.json.', 'sent: a.json'),
  ]);
});

describe('the result is the JSON that the lab wants', () => {
  const isRight = (text: string, wanted: unknown, whole = 'json'): boolean => {
    const { builder, importer, send, find } = start();
    send();
    builder.write(importer, 'done/a.json', text);
    const codes = find({ whole, results: { 'a.json': wanted } }).map(({ code }) => code);
    expect(codes.every((code) => code === 'wrong-result')).toBe(true);
    return codes.length === 0;
  };

  test('in whatever order its names stand, at every depth; the order of a list counts', () => {
    const wanted = { a: 1, b: { c: [1, { d: null, e: 'ü' }], f: true } };
    expect(isRight('{"b":{"f":true,"c":[1,{"e":"\u00C3\u00BC","d":null}]},"a":1}', wanted)).toBe(true);
    expect(isRight('{"a":1,"b":{"c":[{"d":null,"e":"\u00C3\u00BC"},1],"f":true}}', wanted)).toBe(false);
    expect(isRight('{"c":3,"a":1,"b":2}', { b: 2, c: 3, a: 1 })).toBe(true);
    expect(isRight('{"0":1,"1":2}', [1, 2])).toBe(false);
    expect(isRight('[1,2]', { 0: 1, 1: 2 })).toBe(false);
    expect(isRight('null', null)).toBe(true);
    expect(isRight('{}', null)).toBe(false);
  });

  test('and not something that is no JSON at all', () => {
    expect(isRight('nonsense', {}, 'any')).toBe(false);
    expect(isRight('{}', {}, 'any')).toBe(true);
  });
});

test('half-done and wrong-result show who made the result last, or nobody if it was there at the start', () => {
  const { builder, importer, again, send, find } = start();
  send();
  builder.write(importer, 'done/a.json', HALF);
  const second = builder.write(again, 'done/a.json', HALF);
  const show = (parameters: object) => find(parameters).map(({ code, events, processes }) => [code, events, processes]);
  expect(show({})).toEqual([['half-done', [second], [again]]]);
  expect(show({ whole: 'any', results: { 'a.json': {} } })).toEqual([
    ['twice', [second - 2, second], [importer, again]],
    ['wrong-result', [second], [again]],
  ]);
  const old = start();
  old.builder.found('done/a.json', HALF);
  old.send();
  const found = (parameters: object) =>
    old.find(parameters).map(({ code, events, processes }) => [code, events, processes]);
  expect(found({})).toEqual([['half-done', [], []]]);
  expect(found({ whole: 'any', results: { 'a.json': {} } })).toEqual([['wrong-result', [], []]]);
});

test('left-behind shows the last call that moved the message, not one that failed, that wrote, or that moved another', () => {
  const { builder, producer, importer, send, claim, find } = start();
  const sent = send();
  const claimed = claim(importer);
  builder.call(importer, 'rename', { path: 'work/a.json', to: 'x' }, { file: 0, error: 'EACCES' });
  builder.append(importer, 'work/a.json', '\n');
  builder.write(producer, 'other', TEXT);
  builder.unlink(producer, 'other');
  builder.call(producer, 'rename', { path: 'x', to: 'y' });
  builder.print(importer, 'claimed\n');
  expect(find()).toEqual([
    {
      code: 'left-behind',
      message: 'All have ended, and nobody has worked on the message a.json that producer#1 sent.',
      events: [sent, claimed],
      expected: 'a result done/a.json',
      actual: 'the message lies in work/a.json',
      processes: [producer],
    },
  ]);
});

test('after a signal a message is owed if the lab says so of its sender; one of the scenario has none', () => {
  const { builder, producer, importer, send, find } = start();
  builder.found('import/old.json', TEXT);
  send();
  const told = (signalled: string) =>
    find({ signalled, results: { 'b.json': {} } }).map(({ code, message }) => [code, message.match(/\w+\.json/)?.[0]]);
  const all = [
    ['left-behind', 'old.json'],
    ['left-behind', 'a.json'],
    ['not-sent', 'b.json'],
  ];
  expect(told('skip')).toEqual(all);
  builder.signal(importer, 'killed', 'scenario', 'after', 'SIGKILL');
  expect(told('skip')).toEqual([]);
  expect(told('unreached')).toEqual(all);
  expect(told('check')).toEqual(all);
  builder.signal(producer, 'killed', 'scenario', 'after', 'SIGKILL');
  expect(told('unreached')).toEqual([all[0], all[2]]);
  expect(told('check')).toEqual(all);
});
