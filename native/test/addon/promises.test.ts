import { promises } from '@ipclab/native';
import { runProgram, type Ending } from './program.js';

const ended = (output: unknown[]): Ending => ({ output, errors: '', code: 0, signal: null });

describe('promises.*', () => {
  test('leave libuv’s pool free with 64 receives pending, and an AbortSignal frees each', async () => {
    expect(await runProgram('promises', 'pool')).toEqual(ended([true, ['ABORT_ERR']]));
  });
  test('do not keep process.exit() from exiting', async () => {
    expect(await runProgram('promises', 'exits')).toEqual({ ...ended([]), code: 5 });
  });
  test('keep the program going while one is pending, and no longer', async () => {
    expect(await runProgram('promises', 'staysAlive')).toEqual(ended([[1, 'late']]));
  });
  test('wait for room in a full queue', async () => {
    expect(await runProgram('promises', 'full')).toEqual(ended(['', true, 'waits']));
  });
  test('reject with the error of the call', async () => {
    expect(await runProgram('promises', 'errors')).toEqual(ended([['ENOMSG', 'EINVAL', true]]));
  });
  test('deliver a message that was taken before the abort, and leave it in the queue otherwise', async () => {
    expect(await runProgram('promises', 'aborts')).toEqual(
      ended([
        [0, 0],
        ['AbortError', 'a reason'],
      ]),
    );
  });
  test('write into memory of the caller', async () => {
    expect(await runProgram('promises', 'into')).toEqual(ended([[String(2n ** 60n), 2, '61620000']]));
  });
  test('are not interrupted by a signal, whose handler runs on the main thread', async () => {
    expect(await runProgram('promises', 'signals')).toEqual(ended(['handler', 'message']));
  });
  test('refuse wrong arguments at once', () => {
    expect(() => promises.msgrcv(0, -1, 0)).toThrow(
      new RangeError('Expected sizeBytes to be a whole number from 0 to 2147483647, got -1'),
    );
    // @ts-expect-error: not an AbortSignal
    expect(() => promises.msgsnd(0, 1, '', 0, { signal: 'SIGTERM' })).toThrow(TypeError);
  });
});

test('A worker thread exchanges messages, may be ended while it waits, and is refused what belongs to the process', async () => {
  const refused = ['fork', 'signal', 'sigaction', 'sigprocmask', 'sigpending', 'sigsuspend', 'pause', 'alarm', 'raise'];
  const codes = Object.fromEntries(refused.map((name) => [name, 'ERR_IPCLAB_WORKER']));
  for (const flags of [undefined, []]) {
    const ending = await runProgram('promises', 'worker', flags);
    expect(ending).toEqual(ended([codes, 'from the worker', 'back', '', 99]));
  }
});
