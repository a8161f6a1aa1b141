import { readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_RMID,
  SystemError,
  ftok,
  getpid,
  msgctl,
  msgget,
  msgrcv,
  msgsnd,
  sigaction,
} from '@ipclab/native';
import {
  EXIT_RUNNING,
  KEY_PROJECT,
  LETTER_BYTES,
  type Letter,
  PID_FILE,
  REQUEST,
  SETTING_FILE,
  WAKE,
  packLetter,
  unpackLetter,
} from './messages.js';

let queue: number | undefined;
let stopped = false;
let changed = false;
let setting = '';

function main(): void {
  sigaction('SIGTERM', { handler: stop });
  sigaction('SIGHUP', { handler: () => (changed = true) });
  queue = makeQueue();
  register();
  readSetting();
  while (!stopped) {
    const request = receive(queue, -REQUEST, 0);
    if (request) answer(queue, request);
  }
  // Nobody shall find us any more; who has, is still answered.
  unlinkSync(PID_FILE);
  drain(queue);
  msgctl(queue, IPC_RMID);
}

/** Requests only: a wake-up that is there comes before them, and is not the end. */
function drain(from: number): void {
  for (;;) {
    const request = receive(from, REQUEST, IPC_NOWAIT);
    if (!request) return;
    answer(from, request);
  }
}

/** The handler of SIGTERM. If the signal comes just before msgrcv, it is the message that wakes it up. */
function stop(): void {
  stopped = true;
  if (queue !== undefined) msgsnd(queue, WAKE, '', IPC_NOWAIT);
}

/** Who has the queue is the daemon. */
function makeQueue(): number {
  try {
    return msgget(ftok(SETTING_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    console.error('daemon: there is one already');
    process.exit(EXIT_RUNNING);
  }
}

/** Whatever is in the file was left by a daemon that died: we have the queue. */
function register(): void {
  const temporary = `${PID_FILE}.${getpid()}`;
  writeFileSync(temporary, String(getpid()));
  renameSync(temporary, PID_FILE);
}

function readSetting(): void {
  changed = false;
  setting = readFileSync(SETTING_FILE, 'utf8').trim();
}

/** The next request; undefined if there is none, or something else has come. */
function receive(from: number, msgtyp: number, flags: number): Letter | undefined {
  for (;;) {
    try {
      const { mtype, data } = msgrcv(from, LETTER_BYTES, msgtyp, flags);
      return mtype === REQUEST ? unpackLetter(data) : undefined;
    } catch (error) {
      if (codeOf(error) === 'ENOMSG') return undefined;
      // SIGHUP: go on waiting. SIGTERM: its message is there.
      if (codeOf(error) !== 'EINTR') throw error;
    }
  }
}

function answer(to: number, { pid, text }: Letter): void {
  // The signal may have come while we waited for this request.
  if (changed) readSetting();
  const reply = packLetter({ pid: getpid(), text: `${setting} ${text}` });
  for (;;) {
    try {
      return msgsnd(to, pid, reply);
    } catch (error) {
      if (codeOf(error) !== 'EINTR') throw error;
    }
  }
}

const codeOf = (error: unknown): string | undefined => (error instanceof SystemError ? error.code : undefined);

main();
