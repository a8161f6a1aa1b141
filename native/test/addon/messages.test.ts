import {
  ftok,
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_PRIVATE,
  IPC_RMID,
  IPC_SET,
  IPC_STAT,
  msgctl,
  msgget,
  MSG_NOERROR,
  msgrcv,
  msgsnd,
  SystemError,
} from '@ipclab/native';

let queue: number;
beforeEach(() => {
  queue = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
});
afterEach(() => {
  msgctl(queue, IPC_RMID);
});

describe('A message', () => {
  test('comes back as it was sent, text as UTF-8', () => {
    msgsnd(queue, 3, 'blåbær');
    msgsnd(queue, 4, new Uint8Array([1, 2, 255]));
    msgsnd(queue, 5, '');
    expect([msgrcv(queue, 100, 0), msgrcv(queue, 100, 0), msgrcv(queue, 0, 0)]).toEqual([
      { mtype: 3, data: Buffer.from('blåbær') },
      { mtype: 4, data: Buffer.from([1, 2, 255]) },
      { mtype: 5, data: Buffer.alloc(0) },
    ]);
  });
  test('stays what it is when later ones are received', () => {
    const texts = Array.from({ length: 3000 }, (_, i) => `message ${i} ${'x'.repeat(i % 97)}`);
    const received = texts.map((text) => {
      msgsnd(queue, 1, text);
      return msgrcv(queue, 8192, 0).data;
    });
    expect(received.map(String)).toEqual(texts);
  });
  test('may have a type of 64 bits', () => {
    const large = 2n ** 63n - 1n;
    msgsnd(queue, large, 'a');
    msgsnd(queue, Number.MAX_SAFE_INTEGER, 'b');
    msgsnd(queue, 7n, 'c');
    expect([msgrcv(queue, 1, large).mtype, msgrcv(queue, 1, 0).mtype, msgrcv(queue, 1, -7n).mtype]).toEqual([
      large,
      Number.MAX_SAFE_INTEGER,
      7,
    ]);
  });
  test('is written to memory of the caller', () => {
    const into = Buffer.alloc(8, '.');
    msgsnd(queue, 2, 'abc');
    expect(msgrcv(queue, into.subarray(1, 6), 0)).toEqual({ mtype: 2, sizeBytes: 3 });
    expect(into.toString()).toBe('.abc....');
  });
  test('may be received with room for far more', () => {
    msgsnd(queue, 1, 'small');
    expect(msgrcv(queue, 2 ** 28, 0).data.toString()).toBe('small');
    msgsnd(queue, 1, 'small');
    expect(msgrcv(queue, 100, 0).data.toString()).toBe('small');
  });
  test('is cut with MSG_NOERROR, and stays in the queue without', () => {
    msgsnd(queue, 1, 'abcdef');
    expect(() => msgrcv(queue, 3, 0)).toThrow(expect.objectContaining({ code: 'E2BIG' }));
    expect(msgrcv(queue, 3, 0, MSG_NOERROR).data.toString()).toBe('abc');
  });
});

describe('msgctl', () => {
  test('reads the state of a queue and changes it', () => {
    msgsnd(queue, 1, 'four');
    msgctl(queue, IPC_SET, { mode: 0o640, qbytes: 1000 });
    const now = Math.floor(Date.now() / 1000);
    const { stime, ctime, ...state } = msgctl(queue, IPC_STAT);
    const ids = { uid: process.getuid!(), gid: process.getgid!(), cuid: process.geteuid!(), cgid: process.getegid!() };
    expect(state).toEqual({
      key: 0,
      mode: 0o640,
      ...ids,
      cbytes: 4,
      qnum: 1,
      qbytes: 1000,
      lspid: process.pid,
      lrpid: 0,
      rtime: 0,
    });
    expect([now - stime < 5, now - ctime < 5]).toEqual([true, true]);
  });
});

describe('ftok', () => {
  test('makes the key of which C’s formula consists', async () => {
    const { statSync } = await import('node:fs');
    const { dev, ino } = statSync(import.meta.filename, { bigint: true });
    const key = (0x41n << 24n) | ((dev & 0xffn) << 16n) | (ino & 0xffffn);
    expect([ftok(import.meta.filename, 'A'), ftok(import.meta.filename, 0x141)]).toEqual([Number(key), Number(key)]);
  });
  test('wants a file that exists', () => {
    expect(() => ftok('/no/such/file', 1)).toThrow(
      expect.objectContaining({ code: 'ENOENT', syscall: 'ftok', path: '/no/such/file', projId: 1 }),
    );
  });
});

describe('An error', () => {
  test('has code, errno, call and arguments, as Node’s own', () => {
    const error = getError(() => msgrcv(queue, 10, 5, IPC_NOWAIT));
    expect(error).toBeInstanceOf(SystemError);
    expect({ message: error.message, ...Object.fromEntries(Object.entries(error)) }).toEqual({
      code: 'ENOMSG',
      errno: -42,
      syscall: 'msgrcv',
      message: `ENOMSG: No message of desired type, msgrcv(msqid ${queue}, sizeBytes 10, msgtyp 5, flags IPC_NOWAIT)`,
      msqid: queue,
      sizeBytes: 10,
      msgtyp: 5,
      flags: IPC_NOWAIT,
    });
  });
  test.each([
    ['EINVAL', () => msgsnd(queue, 0, '')],
    ['EINVAL', () => msgsnd(queue, 1, Buffer.alloc(100_000))],
    ['EINVAL', () => msgrcv(-1, 1, 0)],
    ['ENOENT', () => msgget(0x7fffffff)],
    ['EINVAL', () => msgctl(-1, IPC_RMID)],
  ])('%s is the kernel’s', (code, call) => {
    expect(getError(call)).toMatchObject({ code });
  });
  test('writes the arguments as C does', () => {
    expect(
      [() => msgget(0x7fffffff, IPC_EXCL | 0o600), () => msgget(0x7fffffff), () => msgsnd(-1, 1, '')].map(
        (call) => getError(call).message,
      ),
    ).toEqual([
      'ENOENT: No such file or directory, msgget(key 0x7fffffff, flags IPC_EXCL|0600)',
      'ENOENT: No such file or directory, msgget(key 0x7fffffff, flags 0)',
      'EINVAL: Invalid argument, msgsnd(msqid -1, mtype 1, sizeBytes 0, flags 0)',
    ]);
  });
  test('EEXIST comes of IPC_EXCL, with the key written as it was given', () => {
    const key = 0xfedcba98;
    const made = msgget(key, IPC_CREAT | 0o600);
    try {
      expect(getError(() => msgget(key, IPC_CREAT | IPC_EXCL | 0o600))).toMatchObject({ code: 'EEXIST', key });
      expect(msgget(key | 0)).toBe(made);
    } finally {
      msgctl(made, IPC_RMID);
    }
  });
  test.each<[string, () => unknown]>([
    ['Expected msqid to be a number, got "1"', () => msgrcv('1' as never, 1, 0)],
    ['Expected msqid to be a whole number from -2147483648 to 2147483647, got 1.5', () => msgrcv(1.5, 1, 0)],
    ['Expected mtype to be a number or a bigint, got undefined', () => msgsnd(queue, undefined as never, '')],
    [
      'Expected mtype to be a whole number of at most 2^53-1 (or a bigint), got NaN',
      () => msgsnd(queue, Number.NaN, ''),
    ],
    ['Expected mtype to fit a C long (64 bits), got 9223372036854775808n', () => msgsnd(queue, 2n ** 63n, '')],
    [
      'Expected data to be a string, a Buffer or a Uint8Array, got an instance of Object',
      () => msgsnd(queue, 1, {} as never),
    ],
    [
      'Expected the size to be a number of bytes or a Uint8Array to write into, got "8"',
      () => msgrcv(queue, '8' as never, 0),
    ],
    ['Expected sizeBytes to be a whole number from 0 to 2147483647, got -1', () => msgrcv(queue, -1, 0)],
    ['Expected cmd to be IPC_RMID, IPC_STAT or IPC_SET, got 7', () => msgctl(queue, 7 as never)],
    [
      'Expected settings to be an object such as { mode: 0o600 }, got undefined',
      () => msgctl(queue, IPC_SET, undefined as never),
    ],
    ['Expected qbytes to be a whole number from 0 to 4294967295, got -1', () => msgctl(queue, IPC_SET, { qbytes: -1 })],
    ['Expected projId to be a number or one character of one byte, got "AB"', () => ftok('/', 'AB')],
  ])('says of wrong use: %s', (message, call) => {
    const error = getError(call);
    expect([error.message, error instanceof TypeError || error instanceof RangeError]).toEqual([message, true]);
  });
});

function getError(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
