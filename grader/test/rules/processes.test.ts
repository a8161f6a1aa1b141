import { exitStatus } from '../../src/rules/exit-status.js';
import { noOrphans } from '../../src/rules/no-orphans.js';
import { output } from '../../src/rules/output.js';
import { check } from './expect-findings.js';
import { TraceBuilder } from './trace-builder.js';

describe('exit-status', () => {
  const rules = {
    roles: {
      server: { code: 0, or: [{ code: 1, after: { call: 'msgget', error: 'EEXIST' } }], children: { code: 3 } },
    },
  };

  test('the expected status, and another one after what allows it, are fine', () => {
    const builder = new TraceBuilder();
    const server = builder.start('server#1');
    builder.exit(builder.fork(server), 3);
    builder.exit(server);
    const second = builder.start('server#2');
    builder.call(second, 'msgget', { key: 1 }, { error: 'EEXIST' });
    builder.exit(second, 1);
    builder.exit(builder.start('stranger#1'), 9);
    expect(check(exitStatus, builder.run(), rules)).toEqual([]);
  });

  test('wrong-code: after a call that failed otherwise, or at all where only success allows it', () => {
    const status = (after: object, error?: string) => {
      const builder = new TraceBuilder();
      const server = builder.start('server#1');
      builder.call(server, 'msgctl', { cmd: 'IPC_RMID' }, error === undefined ? {} : { error });
      builder.exit(server, 1);
      const roles = { server: { code: 0, or: [{ code: 1, after: { call: 'msgctl', ...after } }] } };
      return check(exitStatus, builder.run(), { roles }).map(({ message }) => message);
    };
    const failed = ['server#1 ended with status 1 after its msgctl failed with EINVAL.'];
    expect(status({})).toEqual([]);
    expect(status({}, 'EINVAL')).toEqual([]);
    expect(status({ error: 'EINVAL' }, 'EINVAL')).toEqual([]);
    expect(status({ error: 'EIDRM' }, 'EINVAL')).toEqual(failed);
    expect(status({ error: 'EINVAL' })).toEqual(['server#1 ended with status 1.']);
    expect(status({ error: 'none' })).toEqual([]);
    expect(status({ error: 'none' }, 'EINVAL')).toEqual(failed);
  });

  test('wrong-code: with the call that failed before', () => {
    const builder = new TraceBuilder();
    const server = builder.start('server#1');
    builder.call(server, 'msgget', { key: 1 }, { error: 'EACCES' });
    builder.exit(server, 1);
    expect(check(exitStatus, builder.run(), rules)).toEqual([
      {
        code: 'wrong-code',
        message: 'server#1 ended with status 1 after its msgget failed with EACCES.',
        events: [1, 2],
        expected: 'exit status 0',
        actual: 'exit status 1',
        processes: [server],
      },
    ]);
  });

  test('killed: by a signal of its own making; by a planned one it may be', () => {
    const builder = new TraceBuilder();
    const server = builder.start('server#1');
    builder.signal(server, 'killed', 'kernel');
    builder.die(server, 'SIGTERM');
    expect(check(exitStatus, builder.run(), rules)).toEqual([
      {
        code: 'killed',
        message: 'server#1 was killed by SIGTERM.',
        events: [1, 2],
        expected: 'exit status 0',
        actual: 'killed by SIGTERM',
        processes: [server],
      },
    ]);
    const planned = new TraceBuilder();
    const other = planned.start('server#1');
    planned.signal(other, 'killed');
    planned.die(other, 'SIGTERM');
    expect(check(exitStatus, planned.run(), rules)).toEqual([]);
  });

  test('killed: by the stop, where the lab does not allow it', () => {
    const builder = new TraceBuilder();
    const server = builder.start('server#1');
    const client = builder.start('client#1');
    builder.signal(client, 'killed', 'scenario', 'blocked', 'SIGKILL');
    builder.die(client, 'SIGKILL');
    builder.stop(server, 'killed');
    builder.die(server, 'SIGTERM');
    expect(check(exitStatus, builder.run(), { roles: { ...rules.roles, client: { code: 0 } } })).toEqual([
      {
        code: 'killed',
        message: 'server#1 was killed by SIGTERM, by which it was told to stop.',
        events: [4, 5],
        expected: 'exit status 0',
        actual: 'killed by SIGTERM',
        processes: [server],
      },
    ]);
    expect(check(exitStatus, builder.run(), { roles: { server: { code: 0, killedBy: ['SIGTERM'] } } })).toEqual([]);
  });

  test('killed: who was told to stop may end itself and the others by a signal, but not crash', () => {
    const builder = new TraceBuilder();
    const server = builder.start('server#1');
    const worker = builder.start('server#2');
    builder.signal(server);
    builder.signal(worker, 'killed', server);
    builder.die(worker, 'SIGTERM');
    builder.signal(server, 'killed', server);
    builder.die(server, 'SIGTERM');
    expect(check(exitStatus, builder.run(), rules)).toEqual([]);
    const crashing = new TraceBuilder();
    const other = crashing.start('server#1');
    crashing.signal(other);
    crashing.signal(other, 'killed', 'kernel', undefined, 'SIGSEGV');
    crashing.die(other, 'SIGSEGV');
    expect(check(exitStatus, crashing.run(), rules).map(({ message }) => message)).toEqual([
      'server#1 was killed by SIGSEGV.',
    ]);
  });

  test('the lab may say which statuses a run with a planned signal allows', () => {
    const builder = new TraceBuilder();
    const server = builder.start('server#1');
    builder.signal(server);
    builder.exit(server, 5);
    expect(check(exitStatus, builder.run(), rules)).toEqual([]);
    expect(check(exitStatus, builder.run(), { ...rules, signalled: [5] })).toEqual([]);
    expect(check(exitStatus, builder.run(), { ...rules, signalled: [0] }).map(({ code }) => code)).toEqual([
      'wrong-code',
    ]);
  });

  test('the lab may say with which status a run with a planned signal must end', () => {
    const ended = (code: number, isSignalled: boolean) => {
      const builder = new TraceBuilder();
      const main = builder.start('main#1');
      const child = builder.fork(main);
      if (isSignalled) builder.signal(child, 'killed');
      builder.die(child, 'SIGKILL');
      builder.exit(main, code);
      return builder.run();
    };
    const wanted = { roles: { main: { code: 0, codeIfSignalled: 1 } }, signalled: [0] };
    expect([check(exitStatus, ended(0, false), wanted), check(exitStatus, ended(1, true), wanted)]).toEqual([[], []]);
    expect(check(exitStatus, ended(1, false), wanted)).toHaveLength(1);
    expect(check(exitStatus, ended(0, true), wanted)).toEqual([
      {
        code: 'wrong-code',
        message: 'main#1 ended with status 0.',
        events: [5],
        expected: 'exit status 1',
        actual: 'exit status 0',
        processes: [0],
      },
    ]);
  });
});

describe('output', () => {
  function printed(text: string, before?: (builder: TraceBuilder, process: number) => void) {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    before?.(builder, main);
    if (text !== '') builder.print(main, text);
    builder.exit(main);
    return builder;
  }

  test('the lines that must be there, exact or by a pattern, are fine', () => {
    const rules = { role: 'main', lines: ['one', '/tw\\w/'] };
    expect(check(output, printed('one\ntwo\n').run(), rules)).toEqual([]);
    expect(check(output, printed('two\none').run(), { ...rules, order: false })).toEqual([]);
  });

  test('missing: nothing, or something else where it was due', () => {
    expect(check(output, printed('').run(), { role: 'main', lines: ['one'] })).toEqual([
      {
        code: 'missing',
        message: 'main#1 did not print "one".',
        events: [1],
        expected: '"one"',
        actual: 'no output',
        processes: [0],
      },
    ]);
    expect(check(output, printed('One\n').run(), { role: 'main', lines: ['one'] })).toEqual([
      {
        code: 'missing',
        message: 'main#1 printed "One" where "one" was due.',
        events: [1],
        expected: '"one"',
        actual: '"One"',
        processes: [0],
      },
    ]);
  });

  test('missing: a line, where any will do', () => {
    expect(check(output, printed('').run(), { role: 'main', lines: ['/.+/'] })).toEqual([
      {
        code: 'missing',
        message: 'main#1 did not print a line of text.',
        events: [1],
        expected: 'a line of text',
        actual: 'no output',
        processes: [0],
      },
    ]);
  });

  test('a name in braces is a number, and each further one the same', () => {
    const rules = { role: 'main', lines: ['sent {n}, booked {n}'] };
    expect(check(output, printed('sent 12, booked 12\n').run(), rules)).toEqual([]);
    expect(check(output, printed('sent 12, booked 11\n').run(), rules)).toEqual([
      {
        code: 'missing',
        message: 'main#1 printed "sent 12, booked 11" where a line like "sent {n}, booked {n}" was due.',
        events: [1],
        expected: 'a line like "sent {n}, booked {n}"',
        actual: '"sent 12, booked 11"',
        processes: [0],
      },
    ]);
  });

  test('unexpected: a line too many', () => {
    expect(check(output, printed('one\nmore\n').run(), { role: 'main', lines: ['one'] })).toEqual([
      {
        code: 'unexpected',
        message: 'main#1 printed "more", which should not be there.',
        events: [1],
        expected: '"one"',
        actual: '"one" "more"',
        processes: [0],
      },
    ]);
  });

  test('what we ended may have been about to print the rest', () => {
    const builder = new TraceBuilder();
    builder.print(builder.start('main#1'), 'one\ntw');
    builder.end({ cause: 'deadlock', waits: [] });
    expect(check(output, builder.run(), { role: 'main', lines: ['one', 'two'] })).toEqual([]);
  });

  test('long output is cut, and what a terminal would act on is shown', () => {
    const text = `\u001B]0;${'x'.repeat(100)}\n`.repeat(9);
    const quoted = `"\\u001b]0;${'x'.repeat(43)}…"`;
    expect(check(output, printed(text).run(), { role: 'main', lines: ['/y+/'] })).toEqual([
      {
        code: 'missing',
        message: `main#1 printed ${quoted} where a line that matches /y+/ was due.`,
        events: [1],
        expected: '/y+/',
        actual: `${`${quoted} `.repeat(6)}…`,
        processes: [0],
      },
    ]);
  });

  test('a regular expression of the lab that is none is refused', () => {
    expect(output.parameters.safeParse({ role: 'main', lines: ['/(/'] }).error?.issues).toEqual([
      {
        code: 'custom',
        path: ['lines', 0],
        message: 'Expected a line, or a regular expression between slashes',
      },
    ]);
  });

  test('only of those who ended with a status', () => {
    expect(check(output, printed('').run(), { role: 'main', lines: ['one'], ifExit: 1 })).toEqual([]);
    expect(check(output, printed('').run(), { role: 'main', lines: ['one'], ifExit: 0 })).toHaveLength(1);
  });

  test('too-early: before the call that it tells of has returned', () => {
    const rules = { role: 'main', lines: ['one'], after: 'msgrcv' };
    expect(check(output, printed('one\n').run(), rules)).toEqual([
      {
        code: 'too-early',
        message: 'main#1 printed "one" without having completed msgrcv.',
        events: [1],
        expected: 'printed after msgrcv has returned',
        actual: 'printed without it',
        processes: [0],
      },
    ]);
    expect(check(output, printed('one\n', (builder, main) => builder.call(main, 'msgrcv')).run(), rules)).toEqual([]);
  });

  test('a run with a planned signal: anything goes, or no more than the lines', () => {
    const signalled = (text: string) => printed(text, (builder, main) => builder.signal(main)).run();
    expect(check(output, signalled(''), { role: 'main', lines: ['one'] })).toEqual([]);
    expect(check(output, signalled(''), { role: 'main', lines: ['one'], signalled: 'at-most' })).toEqual([]);
    expect(
      check(output, signalled('other\n'), { role: 'main', lines: ['one'], signalled: 'at-most' }).map(
        ({ code }) => code,
      ),
    ).toEqual(['unexpected']);
  });

  test('a run with a planned signal: other lines instead, which may be said to repeat', () => {
    const signalled = (text: string) => printed(text, (builder, process) => builder.signal(process));
    const rules = { role: 'main', lines: ['one'], order: false, signalled: { lines: ['two', '/t.+/'], repeats: true } };
    expect(check(output, printed('one\n').run(), rules)).toEqual([]);
    expect(check(output, signalled('three\ntwo\ntwo\n').run(), rules)).toEqual([]);
    const once = { ...rules, signalled: { lines: ['two', '/t.+/'] } };
    const expected = '"two" /t.+/';
    expect(check(output, signalled('three\ntwo\ntwo\n').run(), once)).toEqual([
      {
        code: 'unexpected',
        message: 'main#1 printed "two", which should not be there.',
        events: [2],
        expected,
        actual: '"three" "two" "two"',
        processes: [0],
      },
    ]);
    expect(check(output, signalled('two\none\n').run(), rules)).toEqual([
      {
        code: 'unexpected',
        message: 'main#1 printed "one", which should not be there.',
        events: [2],
        expected,
        actual: '"two" "one"',
        processes: [0],
      },
    ]);
    expect(check(output, signalled('three\n').run(), rules)).toEqual([
      {
        code: 'missing',
        message: 'SIGTERM reached main#1 (just before its call 1). main#1 did not print "two".',
        events: [1, 3],
        expected,
        actual: '"three"',
        processes: [0],
      },
    ]);
  });

  test('of a family: a child prints what its parent need not', () => {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    const child = builder.fork(main);
    builder.print(child, 'one\n');
    builder.exit(child);
    builder.exit(main);
    expect(check(output, builder.run(), { role: 'main', lines: ['one'], per: 'family' })).toEqual([]);
    expect(check(output, builder.run(), { role: 'main', lines: [] })).toEqual([]);
  });
});

describe('no-orphans', () => {
  test('a parent that waits for its child is fine', () => {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    const child = builder.fork(main);
    builder.exit(child);
    builder.wait(main, child);
    builder.exit(main);
    expect(check(noOrphans, builder.run(), { zombies: true })).toEqual([]);
  });

  test('orphan: the parent ended first', () => {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    const child = builder.fork(main);
    builder.exit(main);
    builder.exit(child);
    expect(check(noOrphans, builder.run(), { zombies: true })).toEqual([
      {
        code: 'orphan',
        message: 'main#1 ended while its child main#1.1 was still running.',
        events: [3, 4],
        expected: 'main#1 waits for main#1.1',
        actual: 'main#1.1 is an orphan',
        processes: [main, child],
      },
    ]);
    builder.signal(main);
    expect(check(noOrphans, builder.run())).toEqual([]);
    expect(check(noOrphans, builder.run(), { signalled: 'check' }).map(({ code }) => code)).toEqual(['orphan']);
  });

  test('zombie: never waited for, where the lab asks', () => {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    const child = builder.fork(main);
    builder.exit(child);
    builder.exit(main);
    expect(check(noOrphans, builder.run())).toEqual([]);
    expect(check(noOrphans, builder.run(), { zombies: true })).toEqual([
      {
        code: 'zombie',
        message: 'main#1 never waited for its child main#1.1, which had ended.',
        events: [3, 4],
        expected: 'one wait for each child',
        actual: 'a zombie until the parent ended',
        processes: [main, child],
      },
    ]);
  });

  test('no zombie comes to be where SIGCHLD is ignored', () => {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    builder.call(main, 'sigaction', { signal: 'SIGCHLD', disposition: 'ignore' });
    const child = builder.fork(main);
    builder.exit(child);
    builder.exit(main);
    expect(check(noOrphans, builder.run(), { zombies: true })).toEqual([]);
  });

  test('an orphan far from a planned signal is told where the lab asks for it', () => {
    const builder = new TraceBuilder();
    const main = builder.start('main#1');
    const other = builder.start('main#2');
    const children = [builder.fork(main), builder.fork(other)];
    builder.signal(main, 'killed');
    builder.exit(main);
    builder.exit(other);
    expect(check(noOrphans, builder.run(), { signalled: 'unreached' }).map(({ processes }) => processes)).toEqual([
      [other, children[1]],
    ]);
  });
});
