import { IPC_CREAT, IPC_PRIVATE, _exit, fork, msgget, msgrcv, msgsnd, waitpid } from '@ipclab/native';

const QUESTION = 1;
const ANSWER = 2;
const INT_BYTES = 4;

function createNumber(number: number): Buffer {
  const data = Buffer.alloc(INT_BYTES);
  data.writeInt32LE(number);
  return data;
}

function main(): void {
  const queue = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
  const pid = fork();
  if (pid === 0) {
    const { data } = msgrcv(queue, INT_BYTES, QUESTION);
    msgsnd(queue, ANSWER, createNumber(2 * data.readInt32LE()));
    _exit(0);
  }
  msgsnd(queue, QUESTION, createNumber(21));
  const { data } = msgrcv(queue, INT_BYTES, ANSWER);
  console.log(String(data.readInt32LE()));
  waitpid(pid);
}

main();
