import * as fc from 'fast-check';
import type { Injection, Strategy } from '@ipclab/native/supervisor';
import { createSchedule } from '../../src/schedule/schedule.js';
import { formatToken, parseToken, TokenError } from '../../src/schedule/token.js';

const role = fc.stringMatching(/^[a-z](?:[a-z0-9-]{0,6}[a-z])?$/);
const number = fc.integer({ min: 1, max: 40 });
const processName = fc
  .tuple(role, fc.array(number, { minLength: 1, maxLength: 3 }))
  .map(([name, [first, ...children]]) => [`${name}#${first}`, ...children].join('.'));
const threadName = fc.oneof(
  processName,
  fc.tuple(processName, number).map(([name, thread]) => `${name}+${thread}`),
);
const call = fc.integer({ min: 1, max: 5000 });
const deviation = fc.oneof(
  fc.record({ at: threadName, call: fc.integer({ min: 0, max: 5000 }), to: threadName }),
  threadName.map((to) => ({ at: '', call: 0, to })),
  fc.record({
    at: threadName,
    call: fc.integer({ min: 0, max: 5000 }),
    to: processName.map((name) => `${name}+signal`),
  }),
);
const injection: fc.Arbitrary<Injection> = fc
  .record({
    signal: fc.constantFrom('SIGTERM', 'SIGUSR1', 'SIGKILL', 'SIGCHLD').map((name) => name as `SIG${string}`),
    process: processName,
    call,
    placement: fc.constantFrom('before' as const, 'entry' as const, 'blocked' as const, 'after' as const),
  })
  .chain((one) =>
    fc.oneof(
      fc.constantFrom(one, { ...one, group: true as const }),
      fc.array(processName, { minLength: 1, maxLength: 3 }).map((also) => ({ ...one, also })),
    ),
  );
const fault = fc.record({
  process: processName,
  call,
  effect: fc.constantFrom('ENOSPC' as const, 'EAGAIN' as const, 'RMID' as const),
});
const seed = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const strategy: fc.Arbitrary<Strategy> = fc.oneof(
  fc.constant({ kind: 'default' as const }),
  fc.record({ kind: fc.constantFrom('random' as const, 'pos' as const), seed }),
  fc.record({ kind: fc.constant('pct' as const), seed, depth: number, choices: call }),
);
const token = fc.record({
  scenario: fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/),
  strategy,
  deviations: fc.array(deviation, { maxLength: 4 }),
  injections: fc.array(injection, { maxLength: 3 }),
  faults: fc.array(fault, { maxLength: 2 }),
  absent: fc.array(processName, { maxLength: 2 }),
});
const line = fc.stringMatching(/^(?:[a-z][a-z0-9-]{0,8})?$/);

const failureOf = (text: string): { column: number; message: string } => {
  try {
    parseToken(text);
  } catch (error) {
    if (error instanceof TokenError) return { column: error.column, message: error.message.split(' at column')[0]! };
    throw error;
  }
  throw new Error(`Expected ${text} to be refused`);
};

test('every schedule can be written as a token and read back', () => {
  fc.assert(
    fc.property(token, line, (value, id) =>
      expect(parseToken(formatToken(value.scenario, value, id))).toEqual({ ...value, ...(id ? { line: id } : {}) }),
    ),
  );
});

test('a token needs no quotes in a shell', () => {
  fc.assert(fc.property(token, (value) => expect(formatToken(value.scenario, value)).toMatch(/^[a-z][\w.,:@~+=-]*$/)));
});

test('whatever is read is written the same way again, and nothing else is thrown than a TokenError', () => {
  const letters = fc.string({ unit: fc.constantFrom(...'ab#.,:@~_-+=019TERMkpos'.split('')), maxLength: 24 });
  fc.assert(
    fc.property(letters, (text) => {
      try {
        const value = parseToken(text);
        expect(parseToken(formatToken(value.scenario, value, value.line))).toEqual(value);
      } catch (error) {
        expect(error).toBeInstanceOf(TokenError);
      }
    }),
  );
});

test('the parts of a token read as they are documented', () => {
  expect(parseToken('order')).toEqual({
    scenario: 'order',
    strategy: { kind: 'default' },
    deviations: [],
    injections: [],
    faults: [],
    absent: [],
  });
  expect(
    parseToken(
      'order~.0:client1,client2_1.3:server1~TERM@server1.4b,INT+@client1.2k,KILL+client1+client2_1@server1.2a,ENOSPC@server1.1,RMID@client1.3,-client2~removed',
    ),
  ).toEqual({
    scenario: 'order',
    strategy: { kind: 'default' },
    deviations: [
      { at: '', call: 0, to: 'client#1' },
      { at: 'client#2.1', call: 3, to: 'server#1' },
    ],
    injections: [
      { signal: 'SIGTERM', process: 'server#1', call: 4, placement: 'before' },
      { signal: 'SIGINT', process: 'client#1', call: 2, placement: 'blocked', group: true },
      { signal: 'SIGKILL', process: 'server#1', call: 2, placement: 'after', also: ['client#1', 'client#2.1'] },
    ],
    faults: [
      { process: 'server#1', call: 1, effect: 'ENOSPC' },
      { process: 'client#1', call: 3, effect: 'RMID' },
    ],
    absent: ['client#2'],
    line: 'removed',
  });
  expect(parseToken('order~random=4294967295,server1.4:client1~TERM@server1.4b')).toMatchObject({
    strategy: { kind: 'random', seed: 4_294_967_295 },
    deviations: [{ at: 'server#1', call: 4, to: 'client#1' }],
  });
  expect(parseToken('order~pct=7.2.40')).toMatchObject({
    strategy: { kind: 'pct', seed: 7, depth: 2, choices: 40 },
    deviations: [],
  });
  expect(formatToken('order', createSchedule())).toBe('order');
  expect(formatToken('order', createSchedule(), 'removed')).toBe('order~~~removed');
  expect(formatToken('order', parseToken('order~~TERM@server1.4a'))).toBe('order~~TERM@server1.4a');
});

test('what cannot be read is shown with its place', () => {
  expect(failureOf('')).toEqual({ column: 1, message: 'Expected a scenario name' });
  expect(failureOf('order~server1')).toEqual({ column: 14, message: 'Expected a dot and the number of a call' });
  expect(failureOf('order~server1.2:client')).toEqual({ column: 17, message: 'Expected a process, such as server1' });
  expect(failureOf('order~server1.2:client1;ls')).toEqual({ column: 24, message: 'Expected a comma, ~ or the end' });
  expect(failureOf('order~server1.2:client1,')).toEqual({
    column: 25,
    message: 'Expected a process, such as server1, or .0 for the first choice',
  });
  expect(failureOf('order~random=')).toEqual({ column: 14, message: 'Expected a seed of 32 bits' });
  expect(failureOf('order~pos=4294967296')).toEqual({ column: 11, message: 'Expected a seed of 32 bits' });
  expect(failureOf('order~pos=00000000000000042949672950')).toEqual({
    column: 11,
    message: 'Expected a seed of 32 bits',
  });
  expect(failureOf('order~pct=7')).toEqual({ column: 12, message: 'Expected a dot and the depth' });
  expect(failureOf('order~pct=7.0.4')).toEqual({ column: 13, message: 'Expected a depth from 1 to 100' });
  expect(failureOf('order~best=7')).toEqual({ column: 7, message: 'Expected random=, pos= or pct= before a seed' });
  expect(failureOf('order~server1.2:client1,pos=7')).toEqual({
    column: 25,
    message: 'Expected a process, such as server1, or .0 for the first choice',
  });
  expect(failureOf('order~~SIGTERM')).toEqual({ column: 15, message: 'Expected an @' });
  expect(failureOf('order~~TERM@server1.2x')).toEqual({
    column: 22,
    message: 'Expected a placement: b (before), e (entry), k (blocked) or a (after)',
  });
  expect(failureOf('order~~~~')).toEqual({ column: 9, message: 'Expected at most four parts between ~, got another' });
  expect(failureOf('order~~~Removed')).toEqual({ column: 9, message: 'Expected the id of a line of the score' });
  expect(() => parseToken('order~x')).toThrow(
    'a process, such as server1, or .0 for the first choice at column 7 of the token\n  order~x\n        ^',
  );
});
