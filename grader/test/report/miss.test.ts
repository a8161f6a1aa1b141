import type { Token } from '@ipclab/harness';
import type { Trace, Wait } from '@ipclab/native/supervisor';
import { listMisses } from '../../src/report/miss.js';
import { TraceBuilder } from '../rules/trace-builder.js';

/**
 * server#1 waits in its third call to the end; client#1 has waited for it and ended; client#2 starts late and is killed;
 * client#3 is still there when the run is ended.
 */
function createBuilder(): TraceBuilder {
  const builder = new TraceBuilder();
  const server = builder.start('server#1'); // 0
  const queue = builder.queue(server); // 1
  const client = builder.start('client#1'); // 2
  const message = builder.send(server, queue, 5); // 3
  builder.receive(client, message, 5, { waited: true, arrived: 2 }); // 4
  builder.exit(client); // 5
  const late = builder.start('client#2'); // 6
  builder.die(late, 'SIGKILL'); // 7
  builder.start('client#3'); // 8
  const wait: Wait = {
    process: server,
    call: 3,
    name: 'msgrcv',
    args: { msgtyp: 42 },
    kind: 'message',
    queue,
    certain: true,
  };
  return builder.end({ cause: 'deadlock', waits: [wait] });
}
const listOf = (token: Partial<Token>, change: Partial<Trace>, end: Partial<Trace['end']> = {}) => {
  const builder = createBuilder();
  Object.assign(builder.trace, change);
  Object.assign(builder.trace.end, end);
  return listMisses(builder.run(), { deviations: [], injections: [], faults: [], ...token });
};
const step = (text: string) => [{ step: 1, text }];

test('a run that does all that was asked of it misses nothing', () => {
  const injection = { signal: 'SIGTERM' as const, process: 'server#1', call: 1, placement: 'before' as const };
  const token = { injections: [injection], faults: [{ process: 'client#1', call: 1, effect: 'ENOSPC' as const }] };
  expect(listOf(token, { injections: [{ status: 'landed', seq: 1 }], faults: [{ status: 'landed' }] })).toEqual([]);
});

test('a signal that was to come before a call, and had not been sent', () => {
  const deviations = [{ at: 'client#1', call: 2, to: 'server#1+signal' }];
  const misses = [{ deviation: 0, reason: 'not-able' as const, seq: 5 }];
  expect(listOf({ deviations }, { misses })).toEqual(
    step(
      "expected a signal to reach server#1 just before its call after client#1's 2nd turn; none was due that its call waited for",
    ),
  );
});

test.each([
  ['client#1', 4, "expected server#1 to move after client#1's 4th turn; client#1 ended after 2 turns instead"],
  [
    'server#1',
    11,
    "expected server#1 to move after server#1's 11th turn; server#1 waited in msgrcv(queue A, type 42) after 3 turns instead",
  ],
  ['client#3', 22, "expected server#1 to move after client#3's 22nd turn; the run ended after 1 turn of it"],
  ['client#9', 1, "expected server#1 to move after client#9's 1st turn; client#9 was not started"],
  ['client#1', 2, "expected server#1 to move after client#1's 2nd turn; there was nothing to choose there"],
  ['server#1+1', 1, "expected server#1 to move after server#1+1's 1st turn; there was nothing to choose there"],
  ['', 0, 'expected server#1 to move first; there was nothing to choose there'],
])('a choice after %j, turn %i, that did not come', (at, call, text) => {
  const misses = [{ deviation: 0, reason: 'not-reached' as const }];
  expect(listOf({ deviations: [{ at, call, to: 'server#1' }] }, { misses })).toEqual(step(text));
});

test.each([
  ['client#1', 4, ', because it waited in msgrcv(queue A, type 5) until event 4'],
  ['client#1', 6, ', because it had ended'],
  ['client#2', 5, ', because it had not been started'],
  ['client#9', 5, ', because it was not started'],
  ['server#1', 5, ', because it waited in msgrcv(queue A, type 42)'],
  ['server#1', 3, ''],
  ['client#3', 9, ''],
])('a choice at which %s could not move: %i', (to, seq, why) => {
  const misses = [{ deviation: 0, reason: 'not-able' as const, seq }];
  expect(listOf({ deviations: [{ at: 'client#1', call: 3, to }] }, { misses })).toEqual(
    step(`expected ${to} to move after client#1's 3rd turn; it could not${why}`),
  );
});

test.each([
  [{ kind: 'event-loop' as const, name: 'poll' as const }, 'waited in its event loop'],
  [{ kind: 'stopped' as const }, 'was stopped'],
  [{ kind: 'unknown' as const, name: 'unknown' as const }, 'waited in a call that is not watched'],
])('%j', (change, why) => {
  const [wait] = createBuilder().trace.end.waits;
  const misses = [{ deviation: 0, reason: 'not-able' as const, seq: 9 }];
  const deviations = [{ at: '', call: 0, to: 'server#1' }];
  expect(listOf({ deviations }, { misses }, { waits: [{ ...wait!, ...change }] })).toEqual(
    step(`expected server#1 to move first; it could not, because it ${why}`),
  );
});

test('signals and faults that did not land, after the choices', () => {
  const at = { signal: 'SIGTERM' as const, process: 'server#1', call: 4 };
  const token: Partial<Token> = {
    deviations: [
      { at: '', call: 0, to: 'server#1' },
      { at: 'client#9', call: 12, to: 'server#1' },
    ],
    injections: [
      { ...at, placement: 'before' },
      { ...at, process: 'client#1', call: 1, placement: 'blocked' },
      { ...at, process: 'client#2', placement: 'after' },
      { ...at, placement: 'entry', signal: 'SIGINT', group: true },
      { ...at, placement: 'entry', also: ['client#1', 'client#2'] },
      { ...at, placement: 'entry' },
    ],
    faults: [
      { process: 'client#1', call: 3, effect: 'ENOSPC' },
      { process: 'client#9', call: 1, effect: 'RMID' },
    ],
  };
  const outcomes: Partial<Trace> = {
    misses: [{ deviation: 1, reason: 'not-reached' }],
    injections: [
      { status: 'not-reached' },
      { status: 'not-blocked' },
      { status: 'process-gone' },
      { status: 'not-reached' },
      { status: 'not-reached' },
      { status: 'landed', seq: 3 },
    ],
    faults: [{ status: 'not-reached' }, { status: 'not-reached' }],
  };
  const waited = 'server#1 waited in msgrcv(queue A, type 42) after 2 calls instead';
  expect(listOf(token, outcomes)).toEqual([
    { step: 2, text: "expected server#1 to move after client#9's 12th turn; client#9 was not started" },
    { text: `expected SIGTERM to reach server#1 just before its call 4; ${waited}` },
    { text: 'expected SIGTERM to reach client#1 asleep in its call 1; it did not have to wait there' },
    { text: 'expected SIGTERM to reach client#2 just after its call 4; it had ended' },
    { text: `expected SIGINT to reach all processes with server#1 on entering its call 4; ${waited}` },
    { text: `expected SIGTERM to reach client#1 and client#2 with server#1 on entering its call 4; ${waited}` },
    { text: 'expected call 3 of client#1 to fail with ENOSPC; client#1 ended after 1 call instead' },
    {
      text: "expected the queue of client#9's call 1 to be removed by a stranger just before it; client#9 was not started",
    },
  ]);
});
