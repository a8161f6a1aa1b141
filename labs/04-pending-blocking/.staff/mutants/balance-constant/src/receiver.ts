import {
  IPC_CREAT,
  IPC_EXCL,
  type SigSet,
  type SignalName,
  SIG_BLOCK,
  SIG_SETMASK,
  SystemError,
  ftok,
  kill,
  msgget,
  msgrcv,
  msgsnd,
  sigaction,
  sigaddset,
  sigemptyset,
  sigprocmask,
  sigsuspend,
} from '@ipclab/native';
import { CREDIT, DEBIT, HELLO, KEY_FILE, KEY_PROJECT, NUMBER_BYTES, packNumber, unpackNumber } from './messages.js';

let signalled = false;
let stopped = false;
let counted = 0;

function main(): void {
  sigaction('SIGINT', { handler: () => console.log('balance 0 0') });
  sigaction('SIGUSR1', { handler: () => (signalled = true) });
  sigaction('SIGTERM', { handler: () => (stopped = true) });
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);

  // From here on these two are delivered in sigsuspend alone.
  const unblocked = sigprocmask(SIG_BLOCK, setOf('SIGUSR1', 'SIGTERM'));
  const sender = receiveHello(queue);
  msgsnd(queue, sender, '');
  for (;;) {
    while (!signalled && !stopped) sigsuspend(unblocked);
    if (!signalled) break;
    signalled = false;
    counted += 1;
    book(queue, counted);
    kill(sender, 'SIGUSR2');
  }
  console.log(`counted ${counted}`);
}

function setOf(...signals: SignalName[]): SigSet {
  const set = sigemptyset();
  for (const signal of signals) sigaddset(set, signal);
  return set;
}

function receiveHello(queue: number): number {
  for (;;) {
    try {
      return unpackNumber(msgrcv(queue, NUMBER_BYTES, HELLO).data);
    } catch (error) {
      // SIGINT, whose handler has run.
      if (!(error instanceof SystemError && error.code === 'EINTR')) throw error;
    }
  }
}

/** The critical section: whoever looks finds as many debits as credits. */
function book(queue: number, number: number): void {
  const before = sigprocmask(SIG_BLOCK, setOf('SIGINT'));
  msgsnd(queue, DEBIT, packNumber(number));
  msgsnd(queue, CREDIT, packNumber(number));
  sigprocmask(SIG_SETMASK, before);
}

main();
