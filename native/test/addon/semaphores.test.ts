import {
  GETALL,
  GETNCNT,
  GETPID,
  GETVAL,
  IPC_CREAT,
  IPC_NOWAIT,
  IPC_PRIVATE,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  semctl,
  semget,
  semop,
  semtimedop,
  SETALL,
  SETVAL,
} from '@ipclab/native';
import { startProgram } from './program.js';

let set: number;
beforeEach(() => {
  set = semget(IPC_PRIVATE, 2, IPC_CREAT | 0o600);
});
afterEach(() => {
  semctl(set, 0, IPC_RMID);
});

test('Operations are done all or none', () => {
  semop(set, [{ num: 0, op: 3 }]);
  expect(() =>
    semop(set, [
      { num: 0, op: -1 },
      { num: 1, op: -1, flags: IPC_NOWAIT },
    ]),
  ).toThrow(expect.objectContaining({ code: 'EAGAIN', syscall: 'semop', semid: set, ops: '0:-1 1:-1' }));
  expect([semctl(set, 0, GETALL), semctl(set, 0, GETPID), semctl(set, 0, GETNCNT)]).toEqual([[3, 0], process.pid, 0]);
});

test('A wait may have a limit', () => {
  const begin = performance.now();
  expect(() => semtimedop(set, [{ num: 0, op: -1 }], 30.5)).toThrow(
    expect.objectContaining({ code: 'EAGAIN', timeoutMs: 30.5 }),
  );
  expect(performance.now() - begin).toBeGreaterThanOrEqual(30);
});

test('Values are set and read, one or all', () => {
  semctl(set, 1, SETVAL, 9);
  expect(semctl(set, 1, GETVAL)).toBe(9);
  semctl(set, 0, SETALL, [4, 5]);
  expect(semctl(set, 0, GETALL)).toEqual([4, 5]);
  expect(() => semctl(set, 0, SETALL, [1])).toThrow(
    new RangeError('Expected values to be 2 numbers, one a semaphore, got 1'),
  );
  expect(() => semctl(set, 0, SETVAL, 40_000)).toThrow(expect.objectContaining({ code: 'ERANGE', cmd: 'SETVAL' }));
  expect(() => semctl(set, 7, GETVAL)).toThrow(expect.objectContaining({ code: 'EINVAL' }));
});

test('The set’s state is read and changed', () => {
  semctl(set, 0, IPC_SET, { mode: 0o640 });
  expect(semctl(set, 0, IPC_STAT)).toMatchObject({ key: 0, mode: 0o640, nsems: 2, otime: 0 });
});

test('A signal runs its handler before semop throws EINTR', async () => {
  const program = startProgram('shared', 'interrupted');
  await program.waitsIn('semop');
  program.kill('SIGUSR1');
  expect(await program.ending).toEqual({ output: ['handler', 'EINTR'], errors: '', code: 0, signal: null });
});

test('Wrong use is refused', () => {
  expect(() => semop(set, [{ num: -1, op: 0 }])).toThrow(
    new RangeError('Expected ops[0].num to be a whole number from 0 to 65535, got -1'),
  );
  expect(() => semop(set, {} as never)).toThrow(TypeError);
  expect(() => semtimedop(set, [], -1)).toThrow(new RangeError('Expected timeoutMs to be at least 0, got -1'));
  expect(() => semctl(set, 0, 99 as never)).toThrow(RangeError);
});
