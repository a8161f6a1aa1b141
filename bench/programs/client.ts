import { ftok, IPC_CREAT, msgget, msgrcv, msgsnd } from '@ipclab/native';

const REQUESTS = 5;
const queue = msgget(ftok('key', 1), IPC_CREAT | 0o600);
for (let i = 0; i < REQUESTS; i++) {
  msgsnd(queue, 1, `request ${i}`);
  console.log(msgrcv(queue, 64, 2).data.toString());
}
msgsnd(queue, 3, '');
