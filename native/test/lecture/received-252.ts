// The example of lecture 6, line for line.
import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, fork, msgctl, msgget, msgrcv, msgsnd, struct } from '@ipclab/native';

const msg = struct({ data: 'int' }); // after its long mtype

function main(): void {
  const msgqid = msgget(IPC_PRIVATE, 0o666 | IPC_CREAT);

  const pid = fork();
  if (pid > 0) {
    /* Parent */
    const m = { data: 252 };
    msgsnd(msgqid, 42, msg.pack(m), 0);
  } else if (pid === 0) {
    /* Child */
    const m2 = msgrcv(msgqid, msg.sizeBytes, 42, 0);
    console.log('Received %d!', msg.unpack(m2.data).data);
    msgctl(msgqid, IPC_RMID);
  }
}

main();
