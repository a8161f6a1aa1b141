import { fork } from '@ipclab/native';
import { runProgram, type Ending } from './program.js';

const ended = (output: unknown[]): Ending => ({ output, errors: '', code: 0, signal: null });
const exited = (code: number): unknown => ({ code, signal: null });

describe('A forked child', () => {
  test('has a pid of its own and its parent’s as the parent', async () => {
    expect(await runProgram('fork', 'pids')).toEqual(ended([[true, true, true, true], exited(0), true]));
  });
  test('ends by _exit(), process.exit(), a signal or an exception, and waitpid tells which', async () => {
    const { errors, ...rest } = await runProgram('fork', 'codes');
    const killed = { code: null, signal: 'SIGKILL' };
    expect(rest).toEqual({ output: [exited(7), exited(8), killed, exited(1)], code: 0, signal: null });
    expect(errors).toMatch(/Error: boom/);
  });
  test('has timers, files, the thread pool, events at its end and an exit code', async () => {
    expect(await runProgram('fork', 'loop')).toEqual(ended([[true, 8], ['beforeExit', 6], ['exit', 6], exited(6)]));
  });
  test('goes on when beforeExit gives it something to do', async () => {
    expect(await runProgram('fork', 'beforeExitGoesOn')).toEqual(ended(['once more', exited(0)]));
  });
  test('ends with 1 by an uncaught exception, which it prints', async () => {
    const { errors, ...rest } = await runProgram('fork', 'uncaught');
    expect(rest).toEqual({ output: [exited(1)], code: 0, signal: null });
    expect(errors.match(/Error: uncaught in the child/g)).toHaveLength(1);
  });
  test('has the timers that were set before', async () => {
    expect(await runProgram('fork', 'timers')).toEqual(ended([4]));
  });
  test('gets the result of file access that was under way', async () => {
    expect(await runProgram('fork', 'pool')).toEqual(ended([[9, 16]]));
  });
  test('may fork, and its children too', async () => {
    expect(await runProgram('fork', 'nested')).toEqual(ended([[5, 4, 3, 2, 1]]));
  });
  test('is one of many', async () => {
    expect(await runProgram('fork', 'many')).toEqual(ended([[3]]));
  });
  test('collects its own garbage', async () => {
    expect(await runProgram('fork', 'busy')).toEqual(ended([exited(5)]));
  });
  test('inherits handlers, not the signals that waited for them, nor an alarm', async () => {
    const child = ['begins', 'child', 0, 'begins'];
    expect(await runProgram('fork', 'signals')).toEqual(ended([child, ['begins', 'parent', 2, true, 'begins']]));
  });
  test('ends although a signal waited for a listener of its parent', async () => {
    expect(await runProgram('fork', 'listeners')).toEqual(ended([exited(0)]));
  });
  test('runs handlers in its calls and in its event loop', async () => {
    expect(await runProgram('fork', 'signalsInLoop')).toEqual(ended([['handler', true], 'in the loop', 0]));
  });
  test('dies of the signals that C’s would die of', async () => {
    expect(await runProgram('fork', 'defaultSignals')).toEqual(
      ended([['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']]),
    );
  });
  test('rejects what the parent’s promises wait for, and has its own', async () => {
    expect(await runProgram('fork', 'pending')).toEqual(ended(['ECANCELED', 'own', 0, 'for the parent']));
  });
  test('may start other programs', async () => {
    expect(await runProgram('fork', 'spawns')).toEqual(ended(['from a process of the child', exited(0)]));
  });
  test('is waited for with WUNTRACED and WNOHANG, and is gone then', async () => {
    const nothing = { pid: 0, status: 0, code: null, signal: null };
    expect(await runProgram('fork', 'waits')).toEqual(
      ended([[true, '137f', null, null], nothing, [3, 'ECHILD', 'ESRCH']]),
    );
  });
});

test('fork() without the flags that it needs says which, and how to give them', () => {
  expect(() => fork()).toThrow(
    expect.objectContaining({
      code: 'ERR_IPCLAB_NOT_SINGLE_THREADED',
      message: expect.stringMatching(/--single-threaded --v8-pool-size=0.*`ipclab run`/),
    }),
  );
});
