import { ftok, IPC_CREAT, IPC_RMID, msgctl, msgget, msgrcv, msgsnd } from '@ipclab/native';

const REQUESTS = 5;
const queue = msgget(ftok('key', 1), IPC_CREAT | 0o600);
for (let i = 0; i < REQUESTS; i++) {
  const { data } = msgrcv(queue, 64, 1);
  msgsnd(queue, 2, `reply to ${data.toString()}`);
}
msgrcv(queue, 0, 3);
msgctl(queue, IPC_RMID);
console.log('done');
