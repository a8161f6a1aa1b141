// client [requests, default 5]: waits for the reply to each, and prints it.
import { ftok, getpid, IPC_CREAT, msgget, msgrcv, msgsnd } from '@ipclab/native';

const [requests = 5] = process.argv.slice(2).map(Number);
const queue = msgget(ftok('key', 1), IPC_CREAT | 0o600);
for (let i = 0; i < requests; i++) {
  msgsnd(queue, 1, `${getpid()} request ${i}`);
  console.log(msgrcv(queue, 64, getpid()).data.toString());
}
msgsnd(queue, 3, '');
