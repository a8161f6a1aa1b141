/**
 * What a program of a lab is likely to use, used once before any is begun: what is compiled and loaded here need not be in each
 * process of each run. It leaves nothing that a program could see.
 */
import { closeSync, existsSync, promises as files, readdirSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as api from './index.js';

const PRELOADED = [
  'net',
  'tty',
  'stream',
  'timers/promises',
  'fs/promises',
  'readline',
  'util',
  'assert',
  'events',
  'buffer',
];
// V8 compiles what has run a few times to better code.
const ROUNDS = 20;
const ASYNCHRONOUS_ROUNDS = 5;
const ROOM = 64;

/**
 * @param scratch a pipe's reading end, of which stdout and stderr are the other; it is closed
 * @param hasOwnIpc is this process alone in its IPC namespace? If not, no object is made: it would stay if we were killed.
 */
export async function warmUp(scratch: number, hasOwnIpc: boolean): Promise<void> {
  const require = createRequire(import.meta.url);
  for (const name of PRELOADED) require(`node:${name}`);
  performance.now(); // takes some milliseconds the first time
  for (let i = 0; i < 3; i++) {
    console.log('warm %s', { i });
    console.error('warm', [i], 'up');
  }
  readSync(scratch, Buffer.alloc(4096));
  closeSync(scratch);
  const listener = (): void => {};
  process.on('SIGWINCH', listener);
  process.off('SIGWINCH', listener);
  for (let i = 0; i < ROUNDS; i++) useSignals();
  if (hasOwnIpc) for (let i = 0; i < ROUNDS; i++) useObjects();
  for (let i = 0; i < ASYNCHRONOUS_ROUNDS; i++) {
    await useEventLoop();
    await useFiles();
    if (hasOwnIpc) await useWaiting();
  }
}

function useSignals(): void {
  const set = api.sigemptyset();
  api.sigaddset(set, api.SIGUSR2);
  const before = api.sigprocmask(api.SIG_BLOCK, set);
  api.signal(api.SIGUSR2, () => {});
  api.kill(api.getpid(), api.SIGUSR2);
  api.sigpending();
  api.sigprocmask(api.SIG_SETMASK, before);
  api.signal(api.SIGUSR2, api.SIG_DFL);
  api.kill(api.getpid(), 0);
}

function useObjects(): void {
  const mode = api.IPC_CREAT | 0o600;
  const queue = api.msgget(api.ftok('/', 1), mode);
  api.msgsnd(queue, 1, Buffer.from('text'));
  api.msgrcv(queue, ROOM, 0);
  api.msgsnd(queue, 2, 'text', api.IPC_NOWAIT);
  api.msgrcv(queue, ROOM, -2, api.IPC_NOWAIT);
  expectError(() => api.msgrcv(queue, ROOM, 1, api.IPC_NOWAIT));
  api.msgctl(queue, api.IPC_STAT);
  api.msgctl(queue, api.IPC_RMID);
  const semaphores = api.semget(api.IPC_PRIVATE, 1, mode);
  api.semctl(semaphores, 0, api.SETVAL, 1);
  api.semop(semaphores, [{ num: 0, op: -1, flags: 0 }]);
  api.semctl(semaphores, 0, api.IPC_RMID);
  const segment = api.shmget(api.IPC_PRIVATE, ROOM, mode);
  const memory = api.shmat(segment);
  api.shmdt(memory);
  api.shmctl(segment, api.IPC_RMID);
}

async function useWaiting(): Promise<void> {
  const queue = api.msgget(api.IPC_PRIVATE, api.IPC_CREAT | 0o600);
  await api.promises.msgsnd(queue, 1, 'text');
  await api.promises.msgrcv(queue, ROOM, 0);
  const controller = new AbortController();
  const waiting = api.promises.msgrcv(queue, ROOM, 0, 0, { signal: controller.signal });
  setTimeout(() => controller.abort(), 1);
  await waiting.catch(() => {});
  api.msgctl(queue, api.IPC_RMID);
}

async function useEventLoop(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setImmediate(resolve));
}

async function useFiles(): Promise<void> {
  existsSync('/dev/null');
  readFileSync('/dev/null', 'utf8');
  writeFileSync('/dev/null', '');
  readdirSync('/proc/self/fd');
  expectError(() => readFileSync('/dev/null/none'));
  const file = await files.open('/dev/null', 'w');
  await file.writeFile('text');
  await file.close();
  await files.readFile('/dev/null', 'utf8');
  await files.readdir('/proc/self/fd');
  await files.access('/dev/null/none').catch(() => {});
}

/** An Error is made in ways of its own, with a stack that is written when it is asked for. */
function expectError(call: () => unknown): void {
  try {
    call();
  } catch (error) {
    String((error as Error).stack);
  }
}
