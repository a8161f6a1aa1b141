import {
  IPC_CREAT,
  IPC_PRIVATE,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  shmat,
  shmctl,
  shmdt,
  shmget,
  SHM_RDONLY,
} from '@ipclab/native';
import { runProgram } from './program.js';

const nattch = (shmid: number): number => shmctl(shmid, IPC_STAT).nattch;

test('A segment is the same memory wherever it is attached, and empty once detached', () => {
  const shmid = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0o600);
  try {
    const [first, second, third] = [shmat(shmid), shmat(shmid), shmat(shmid, SHM_RDONLY)];
    const view = first.subarray(10, 20);
    first.write('shared', 10);
    expect([second.toString('utf8', 10, 16), third.toString('utf8', 10, 16), first.length, nattch(shmid)]).toEqual([
      'shared',
      'shared',
      5000,
      3,
    ]);
    shmdt(first);
    expect([first.length, view.length, nattch(shmid)]).toEqual([0, 0, 2]);
    expect(() => shmdt(first)).toThrow(expect.objectContaining({ code: 'EINVAL', syscall: 'shmdt' }));
    expect(() => shmdt(Buffer.alloc(10))).toThrow(expect.objectContaining({ code: 'EINVAL' }));
    shmctl(shmid, IPC_SET, { mode: 0o400 });
    expect(shmctl(shmid, IPC_STAT)).toMatchObject({ key: 0, mode: 0o400, segsz: 5000, cpid: process.pid });
    shmdt(second);
    shmdt(third);
  } finally {
    shmctl(shmid, IPC_RMID);
  }
  expect(() => shmat(shmid)).toThrow(expect.objectContaining({ code: 'EINVAL', syscall: 'shmat', shmid }));
});

test('A forked child shares what its parent has attached; semaphores take turns', async () => {
  const ending = await runProgram('shared', 'counter');
  expect(ending).toEqual({ output: [[2000, 0, 2]], errors: '', code: 0, signal: null });
});

test('A write to a segment attached with SHM_RDONLY ends the process, as in C', async () => {
  expect(await runProgram('shared', 'readOnly')).toMatchObject({ output: ['SIGSEGV'], code: 0 });
});

test('Wrong use is refused', () => {
  expect(() => shmget(0, -1)).toThrow(RangeError);
  expect(() => shmdt(new Uint8Array(1) as Buffer)).toThrow(
    new TypeError('Expected buffer to be what shmat() returned, got an instance of Uint8Array'),
  );
  expect(() => shmctl(0, 99 as never)).toThrow(RangeError);
});
