import { IPC_CREAT, IPC_PRIVATE, IPC_RMID, _exit, fork, msgctl, msgget, msgrcv, msgsnd, waitpid } from '@ipclab/native';

const QUESTION = 1;
const ANSWER = 2;
const INT_BYTES = 4;

function createNumber(number: number): Buffer {
  const data = Buffer.alloc(INT_BYTES);
  data.writeInt32LE(number);
  return data;
}

function main(): void {
  // One queue a direction: there are two with the key IPC_PRIVATE.
  const questions = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
  const answers = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
  const pid = fork();
  if (pid === 0) {
    const { data } = msgrcv(questions, INT_BYTES, QUESTION);
    msgsnd(answers, ANSWER, createNumber(2 * data.readInt32LE()));
    _exit(0);
  }
  msgsnd(questions, QUESTION, createNumber(21));
  const { data } = msgrcv(answers, INT_BYTES, ANSWER);
  console.log(String(data.readInt32LE()));
  waitpid(pid);
  msgctl(questions, IPC_RMID);
  msgctl(answers, IPC_RMID);
}

main();
