import {
  IPC_RMID,
  SIG_BLOCK,
  SystemError,
  ftok,
  getpid,
  kill,
  msgctl,
  msgget,
  msgrcv,
  msgsnd,
  sigaction,
  sigaddset,
  sigemptyset,
  sigprocmask,
  sigsuspend,
} from '@ipclab/native';
import {
  CREDIT,
  DEBIT,
  EXIT_NOBODY,
  HELLO,
  KEY_FILE,
  KEY_PROJECT,
  NUMBER_BYTES,
  packNumber,
  unpackNumber,
} from './messages.js';

let acknowledged = false;

function main(): void {
  const [pid, count] = process.argv.slice(2).map(Number) as [number, number];
  sigaction('SIGUSR2', { handler: () => (acknowledged = true) });
  const queue = findQueue();
  const answer = sigemptyset();
  sigaddset(answer, 'SIGUSR2');
  const unblocked = sigprocmask(SIG_BLOCK, answer);

  msgsnd(queue, HELLO, packNumber(getpid()));
  msgrcv(queue, 0, getpid());
  for (let number = 1; number <= count; number++) {
    acknowledged = false;
    kill(pid, 'SIGUSR1');
    while (!acknowledged) sigsuspend(unblocked);
  }
  kill(pid, 'SIGTERM');

  let booked = 0;
  for (let number = 1; number <= count; number++) {
    const debit = unpackNumber(msgrcv(queue, NUMBER_BYTES, DEBIT).data);
    const credit = unpackNumber(msgrcv(queue, NUMBER_BYTES, CREDIT).data);
    if (debit === number && credit === number) booked += 1;
  }
  msgctl(queue, IPC_RMID);
  console.log(`sent ${count}, booked ${booked}`);
}

function findQueue(): number {
  try {
    return msgget(ftok(KEY_FILE, KEY_PROJECT));
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'ENOENT')) throw error;
    console.error('sender: nobody receives');
    process.exit(EXIT_NOBODY);
  }
}

main();
