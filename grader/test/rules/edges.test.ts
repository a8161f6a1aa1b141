// Cases at the edges of no-orphans, replies-reach-their-asker, and of what several rules ask: is a line a pattern, was a queue full?
import type { Formats } from '../../src/model/run.js';
import { isOverfull, wasFull } from '../../src/rules/fullness.js';
import { noOrphans } from '../../src/rules/no-orphans.js';
import { linePattern, numberedLine } from '../../src/rules/pattern.js';
import { repliesReachTheirAsker } from '../../src/rules/replies-reach-their-asker.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

describe('no-orphans', () => {
  test('an orphan is shown with the end of its own parent, which had ended before', () => {
    const builder = new TraceBuilder();
    const [stranger, parent] = [builder.start('client#1'), builder.start('main#1')];
    const child = builder.fork(parent);
    builder.exit(stranger);
    const ended = builder.exit(parent);
    builder.exit(child);
    expect(check(noOrphans, builder.run())).toEqual([
      {
        code: 'orphan',
        message: 'main#1 ended while its child main#1.1 was still running.',
        events: [ended, ended + 1],
        expected: 'main#1 waits for main#1.1',
        actual: 'main#1.1 is an orphan',
        processes: [parent, child],
      },
    ]);
  });

  const withSigaction = (args: object, byGrandparent = false): string[] => {
    const builder = new TraceBuilder();
    const parent = builder.start('main#1');
    builder.call(parent, 'sigaction', args);
    const middle = byGrandparent ? builder.fork(parent) : parent;
    const child = builder.fork(middle);
    builder.exit(child);
    builder.exit(middle);
    if (byGrandparent) {
      builder.wait(parent, middle);
      builder.exit(parent);
    }
    return check(noOrphans, builder.run(), { zombies: true }).map(({ code }) => code);
  };

  test('who ignores SIGCHLD, or inherits that, has no zombies; to ignore another signal, or to handle this one, changes nothing', () => {
    expect(withSigaction({ signal: 'SIGCHLD', disposition: 'ignore' })).toEqual([]);
    expect(withSigaction({ signal: 'SIGCHLD', disposition: 'ignore' }, true)).toEqual([]);
    expect(withSigaction({ signal: 'SIGCHLD', disposition: 'handler', flags: ['SA_RESTART', 'SA_NOCLDWAIT'] })).toEqual(
      [],
    );
    expect(withSigaction({ signal: 'SIGCHLD', disposition: 'handler' })).toEqual(['zombie']);
    expect(withSigaction({ signal: 'SIGUSR1', disposition: 'ignore' })).toEqual(['zombie']);
    expect(withSigaction({ signal: 'SIGUSR1', disposition: 'handler', flags: ['SA_NOCLDWAIT'] })).toEqual(['zombie']);
  });

  test('a zombie is shown with its end and that of its parent; a child that lives is none', () => {
    const builder = new TraceBuilder();
    const parent = builder.start('main#1');
    const child = builder.fork(parent);
    builder.fork(parent);
    const ended = builder.exit(child);
    builder.trace.processes[parent]!.exit = { code: 0 };
    expect(check(noOrphans, builder.run(), { zombies: true })).toEqual([
      {
        code: 'zombie',
        message: 'main#1 never waited for its child main#1.1, which had ended.',
        events: [ended],
        expected: 'one wait for each child',
        actual: 'a zombie until the parent ended',
        processes: [parent, child],
      },
    ]);
  });
});

describe('replies-reach-their-asker', () => {
  const FORMATS: Formats = {
    request: { mtype: { min: 1, max: 3 }, fields: { number: 'int' } },
    reply: { mtype: { min: 20_000 }, fields: { number: 'int' } },
  };
  const rules = { request: 'request', reply: 'reply', match: { number: 'number' } };
  const pack = (number: number): Uint8Array => new Uint8Array(Int32Array.of(number).buffer);
  const start = () => {
    const builder = new TraceBuilder();
    const [server, client] = [builder.start('server#1'), builder.start('client#1')];
    const queue = builder.queue(server);
    const ask = (number: number) => builder.send(client, queue, 1, pack(number));
    const find = (more: object = {}) =>
      check(repliesReachTheirAsker, builder.run(FORMATS), { ...rules, ...more }).map(({ message }) => message);
    return { builder, server, client, queue, ask, find };
  };

  test('a reply to another address is fine where no address is asked for; one to the scenario has none', () => {
    const { builder, server, queue, ask, find } = start();
    builder.receive(server, ask(1));
    builder.send(server, queue, 20_005, pack(1));
    const given = ask(2);
    builder.trace.messages[given]!.sender = null;
    builder.receive(server, given);
    builder.send(server, queue, 20_005, pack(2));
    expect(find()).toEqual([]);
    expect(find({ address: 'pid' })).toEqual([
      'server#1 sent the reply to client#1 with type 20005; the type that client#1 waits for is its pid, 20001.',
    ]);
  });

  test('missing: with the send that failed after the request was taken, whoever is asked for', () => {
    const { builder, server, client, queue, ask, find } = start();
    builder.call(server, 'msgsnd', {}, { queue, error: 'EAGAIN' });
    builder.receive(server, ask(1));
    builder.call(server, 'msgsnd', {}, { queue, error: 'EINTR' });
    builder.send(server, queue, 20_001, pack(7));
    builder.call(server, 'msgsnd', { mtype: 20_001 }, { queue, error: 'EINVAL' });
    const [missing, ...others] = find({ by: 'server' }).filter((message) => message.includes('never answered'));
    expect(missing).toMatch(
      /^server#1 took the request of type 1 \{number: 1\} of client#1 and never answered it; its msgsnd.*EINVAL/,
    );
    expect(others).toEqual([]);
    expect(find().filter((message) => message.includes('never answered'))).toEqual([missing]);
    expect(find({ by: 'client' }).filter((message) => message.includes('never answered'))).toEqual([]);
    builder.receive(client, ask(2));
    expect(find({ by: 'server' }).filter((message) => message.includes('never answered'))).toEqual([missing]);
  });

  test('missing: a request of the scenario is nobody else’s; nothing is missing in a run that was ended', () => {
    const { builder, server, ask, find } = start();
    const given = ask(1);
    builder.trace.messages[given]!.sender = null;
    builder.receive(server, given);
    expect(find()).toEqual(['server#1 took the request of type 1 {number: 1} and never answered it.']);
    builder.signal(server, 'handler');
    expect(find({ signalled: 'unreached' })).toEqual([]);
    expect(find({ signalled: 'check' })).toHaveLength(1);
    builder.end({ cause: 'deadlock', waits: [] });
    expect(find({ signalled: 'check' })).toEqual([]);
  });
});

test('a pattern stands between two slashes; all else is the line itself', () => {
  const { isPattern, isMatch, isUsable } = linePattern;
  expect(['/', '//', '/a/', 'a/', '/a', 'a', ''].map(isPattern)).toEqual([
    false,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect([isMatch('/a+|b/', 'aa'), isMatch('/a+|b/', 'aab'), isMatch('/a+/', '/a+/'), isMatch('a+', 'a+')]).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect([isUsable('/(/'), isUsable('/a/'), isUsable('(')]).toEqual([false, true, true]);
});

describe('a queue', () => {
  const fill = (...sizes: number[]) => {
    const builder = new TraceBuilder();
    const sender = builder.start('server#1');
    const queue = builder.queue(sender);
    const other = builder.queue(sender);
    const messages = sizes.map((size) => builder.send(sender, queue, 1, new Uint8Array(size)));
    const at = (index: number): number => builder.trace.messages[messages[index]!]!.sentAt!;
    const was = (
      sizeBytes: number,
      after: number,
      before: number,
      capacity?: { messages: number } | { bytes: number },
    ) => wasFull(builder.run(), { queue, sizeBytes }, capacity, after, before);
    return { builder, sender, queue, other, messages, at, was };
  };

  test('is too full when it holds more messages, or more bytes, than it may', () => {
    const held = [{ sizeBytes: 3 }, { sizeBytes: 5 }];
    expect([1, 2, 3].map((messages) => isOverfull(held, { messages }))).toEqual([true, false, false]);
    expect([7, 8, 9].map((bytes) => isOverfull(held, { bytes }))).toEqual([true, false, false]);
  });

  test('had no room if one message more would have been too much', () => {
    const { at, was } = fill(4, 4);
    expect(was(4, at(1), Infinity, { messages: 2 })).toBe(true);
    expect(was(4, at(1), Infinity, { messages: 3 })).toBe(false);
    expect(was(4, at(1), Infinity, { bytes: 11 })).toBe(true);
    expect(was(4, at(1), Infinity, { bytes: 12 })).toBe(false);
  });

  test('has the room that the kernel gives it, in bytes and in messages without bytes', () => {
    const { builder, queue, at, was } = fill(4, 0, 0);
    const setMaxBytes = (maxBytes: number) => Object.assign(builder.trace.queues[queue]!, { maxBytes });
    setMaxBytes(5);
    expect([was(1, at(2), Infinity), was(2, at(2), Infinity)]).toEqual([false, true]);
    setMaxBytes(3);
    expect([was(0, at(2), Infinity), was(0, at(0), at(1))]).toEqual([true, true]);
    setMaxBytes(4);
    expect([was(0, at(2), Infinity), was(1, at(2), Infinity)]).toEqual([false, true]);
  });

  test('of so many bytes has room for as many messages, even if they have no bytes', () => {
    const { builder, queue, at, was } = fill(0, 0, 0);
    const isFull = (maxBytes: number): boolean => {
      Object.assign(builder.trace.queues[queue]!, { maxBytes });
      return was(0, at(2), Infinity);
    };
    expect([2, 3, 4].map(isFull)).toEqual([true, true, false]);
  });

  test('may have become full between two moments, and have had room at both; sends to others, before or after do not count', () => {
    const { builder, sender, other, messages, at, was } = fill(4, 4, 4);
    const begin = builder.call(sender, 'msgget');
    for (const message of messages) builder.receive(sender, message);
    const empty = builder.call(sender, 'msgget');
    for (let count = 0; count < 5; count++) builder.send(sender, other, 1, new Uint8Array(4));
    expect(was(4, at(0), begin, { messages: 3 })).toBe(true);
    expect(was(4, at(0), at(2), { messages: 3 })).toBe(false);
    expect(was(4, at(0), at(2), { messages: 2 })).toBe(true);
    expect(was(4, empty, Infinity, { messages: 1 })).toBe(false);
    expect(was(4, empty, Infinity, { messages: 3 })).toBe(false);
  });
});

describe('a line with names in braces', () => {
  const line = 'a+b {one} of {two-2}? {one}';

  test('has these names, and numbers in their places', () => {
    expect(numberedLine.getNames(line)).toEqual(['one', 'two-2', 'one']);
    expect(numberedLine.getNames('{} {One} {2} one')).toEqual([]);
    expect(numberedLine.readNumbers(line, 'a+b 1 of 20? 03')).toEqual([1, 20, 3]);
    expect(numberedLine.fill(line, [1, 20, 3])).toBe('a+b 1 of 20? 3');
  });

  test('is the whole line, letter by letter but for the numbers', () => {
    for (const other of ['aab 1 of 2? 1', 'a+b 1 of 2 1', 'a+b x of 2? 1', 'a+b 1 of 2? 1 ', ' a+b 1 of 2? 1'])
      expect(numberedLine.readNumbers(line, other)).toBeNull();
    for (const letter of String.raw`$()*+./?[\]^{|}`)
      expect(numberedLine.readNumbers(`${letter}{n}`, `${letter}7`)).toEqual([7]);
  });

  test('has the same number for the same name', () => {
    expect(numberedLine.isMatch(line, 'a+b 1 of 2? 1')).toBe(true);
    expect(numberedLine.isMatch(line, 'a+b 1 of 1? 2')).toBe(false);
    expect(numberedLine.isMatch(line, 'a+b')).toBe(false);
    expect(numberedLine.isMatch('plain', 'plain')).toBe(true);
  });
});
