// server [clients, default 1] [requests of each, default 5]: one reply for each request, to the pid in it; then a goodbye from each client.
import { ftok, IPC_CREAT, IPC_RMID, msgctl, msgget, msgrcv, msgsnd } from '@ipclab/native';

const [clients = 1, requests = 5] = process.argv.slice(2).map(Number);
const queue = msgget(ftok('key', 1), IPC_CREAT | 0o600);
for (let i = 0; i < clients * requests; i++) {
  const text = msgrcv(queue, 64, 1).data.toString();
  msgsnd(queue, parseInt(text), `reply to ${text}`);
}
for (let i = 0; i < clients; i++) msgrcv(queue, 0, 3);
msgctl(queue, IPC_RMID);
console.log('done');
