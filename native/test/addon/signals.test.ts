import { msgsnd } from '@ipclab/native';
import { runProgram, startProgram, type Ending } from './program.js';

const ended = (output: unknown[]): Ending => ({ output, errors: '', code: 0, signal: null });

async function interrupt(name: string, call: string, signal: NodeJS.Signals = 'SIGUSR1'): Promise<Ending> {
  const program = startProgram('signals', name);
  await program.waitsIn(call);
  program.kill(signal);
  return program.ending;
}

describe('A signal that comes while a call is blocked', () => {
  test('runs its handler before msgrcv throws EINTR', async () => {
    expect(await interrupt('interrupted', 'msgrcv')).toEqual(ended([['handler', 10], 'EINTR']));
  });
  test('runs its handler before msgsnd throws EINTR', async () => {
    expect(await interrupt('interruptedSend', 'msgsnd')).toEqual(ended(['handler', 'EINTR']));
  });
  test('whose handler throws makes msgrcv throw just that', async () => {
    expect(await interrupt('throws', 'msgrcv')).toEqual(ended(['Error: out of the handler']));
  });
  test('makes pause return −1 after its handler ran', async () => {
    expect(await interrupt('pauses', 'pause')).toEqual(ended(['handler', -1]));
  });
  test('makes sigsuspend return −1 after its handler ran', async () => {
    expect(await interrupt('suspendsAsleep', 'sigsuspend')).toEqual(ended(['handler', -1]));
  });
  test('lets waitpid go on when it was installed by signal()', async () => {
    expect(await interrupt('restart', 'wait4')).toEqual(ended(['parent handler', 'handler', 5]));
  });
  test('makes waitpid throw EINTR when it was installed without SA_RESTART', async () => {
    expect(await interrupt('noRestart', 'wait4')).toEqual(ended(['handler', 'EINTR', 'SIGKILL']));
  });
});

describe('A signal that comes between two calls', () => {
  test('runs its handler at the start of the next one, which then waits as if made afresh', async () => {
    expect(await runProgram('signals', 'beforeCall')).toEqual(ended(['from the handler']));
  });
  test('runs its handler before a call that fails without waiting', async () => {
    expect(await runProgram('signals', 'noWait')).toEqual(ended(['handler', 'ENOMSG']));
  });
  test('is never overlooked by a call that goes to sleep, at whatever moment it comes', async () => {
    expect(await runProgram('signals', 'anyMoment')).toEqual(ended([[0, true]]));
  });
  test('runs its handler as often as it came, in the order of arrival', async () => {
    expect(await runProgram('signals', 'counted')).toEqual(ended([[], {}, ['SIGUSR2', 'SIGUSR1', 'SIGUSR1']]));
  });
});

describe('The event loop', () => {
  test('runs a handler', async () => {
    const program = startProgram('signals', 'loop');
    await program.prints(/"ready"/);
    await program.waitsIn('epoll');
    program.kill('SIGTERM');
    expect(await program.ending).toEqual(ended(['ready', 'handler']));
  });
  test('makes an uncaught exception of what a handler throws', async () => {
    const program = startProgram('signals', 'loopThrows');
    await program.prints(/"ready"/);
    await program.waitsIn('epoll');
    program.kill('SIGTERM');
    expect(await program.ending).toEqual({ ...ended(['ready', 'out of the handler']), code: 3 });
  });
  test('is not kept going by a handler', async () => {
    expect(await runProgram('signals', 'handlerAlone')).toEqual(ended([]));
  });
});

describe('raise()', () => {
  test('has run the handler when it returns', async () => {
    expect(await runProgram('signals', 'order')).toEqual(ended([['SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGUSR1']]));
  });
  test('waits with a signal that the running handler holds off, by its mask or being the same', async () => {
    const log = ['USR1 begins', 'USR1 ends', 'USR1 begins', 'USR1 ends', 'USR2 begins', 'USR2 ends'];
    expect(await runProgram('signals', 'heldOff')).toEqual(ended([log]));
  });
  test('interrupts the handler of the same signal under SA_NODEFER', async () => {
    expect(await runProgram('signals', 'nodefer')).toEqual(ended([['begins', 'begins', 'ends', 'ends']]));
  });
  test('meets the default action after a handler under SA_RESETHAND ran', async () => {
    expect(await runProgram('signals', 'resethand')).toEqual({ ...ended(['once']), code: null, signal: 'SIGUSR2' });
  });
});

describe('The signal mask', () => {
  test('keeps a signal pending until sigsuspend lets it in', async () => {
    const blocked = ['SIGUSR1'];
    expect(await runProgram('signals', 'suspends')).toEqual(
      ended([['pending', blocked, 'before', []], 'handler', -1, ['pending', [], 'blocked', blocked]]),
    );
  });
  test('is the process’s, though Node has other threads', async () => {
    for (const flags of [undefined, []]) {
      const program = startProgram('signals', 'blocked', flags);
      await program.prints(/"blocked"/);
      program.kill('SIGTERM');
      expect(await program.ending).toEqual(ended(['blocked', ['SIGTERM'], 'handler', 'end']));
    }
  });
  test('is what it was after a handler has changed it', async () => {
    expect(await runProgram('signals', 'maskInHandler')).toEqual(
      ended([
        ['inside', ['SIGUSR1', 'SIGTERM']],
        ['after', []],
      ]),
    );
  });
  test('of a running handler keeps its signal from interrupting what the handler waits for', async () => {
    expect(await runProgram('signals', 'heldOffWait')).toEqual(
      ended(['in the handler', ['begins', 'message', 'begins']]),
    );
  });
});

test('alarm() sends SIGALRM and says what was left of the previous one', async () => {
  expect(await runProgram('signals', 'alarms')).toEqual(ended(['handler', [0, true, -1, 0]]));
});

test('signal() and sigaction() return what was installed, and default and ignore are the kernel’s', async () => {
  expect(await runProgram('signals', 'previous')).toEqual({
    ...ended([
      [true, true, true, 'EINVAL', 'EINVAL', 'EINVAL'],
      [['SIGINT'], true],
    ]),
    code: null,
    signal: 'SIGUSR2',
  });
});

test('An ignored signal does not interrupt a call', async () => {
  const program = startProgram('signals', 'ignoredDoesNotInterrupt');
  const [queue] = await program.prints(/"queue",(\d+)/);
  await program.waitsIn('msgrcv');
  program.kill('SIGUSR1');
  msgsnd(Number(queue), 1, 'message');
  expect(await program.ending).toEqual(ended([expect.any(Array), 'message']));
});

test('Sets of signals hold what was put in, and nothing else can be', async () => {
  const range = 'RangeError: Expected signal to be from 1 to 64, got 65';
  const name = 'RangeError: Expected signal to be a name such as \'SIGTERM\', got "SIGFOO"';
  expect(await runProgram('signals', 'sets')).toEqual(ended([[false, true, range, name]]));
});
