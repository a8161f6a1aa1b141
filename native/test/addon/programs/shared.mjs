import {
  IPC_CREAT,
  IPC_PRIVATE,
  IPC_RMID,
  IPC_STAT,
  SETVAL,
  SHM_RDONLY,
  _exit,
  fork,
  semctl,
  semget,
  semop,
  shmat,
  shmctl,
  shmget,
  signal,
  waitpid,
} from '@ipclab/native';
import { codeOf, print, runCase } from './cases.mjs';

await runCase({
  counter() {
    const segment = shmget(IPC_PRIVATE, 8, IPC_CREAT | 0o600);
    const turn = semget(IPC_PRIVATE, 1, IPC_CREAT | 0o600);
    const memory = shmat(segment);
    semctl(turn, 0, SETVAL, 1);
    const child = fork();
    const attached = shmctl(segment, IPC_STAT).nattch;
    for (let i = 0; i < 1000; i++) {
      semop(turn, [{ num: 0, op: -1 }]);
      memory.writeInt32LE(memory.readInt32LE(0) + 1, 0);
      semop(turn, [{ num: 0, op: 1 }]);
    }
    if (child === 0) _exit(0);
    const { code } = waitpid(child);
    shmctl(segment, IPC_RMID);
    semctl(turn, 0, IPC_RMID);
    print([memory.readInt32LE(0), code, attached]);
  },
  readOnly() {
    const segment = shmget(IPC_PRIVATE, 8, IPC_CREAT | 0o600);
    const child = fork();
    if (child === 0) {
      // A handler cannot help: the instruction would only be tried again.
      signal('SIGSEGV', () => {});
      const memory = shmat(segment, SHM_RDONLY);
      memory[0] = 1;
      _exit(0);
    }
    print(waitpid(child).signal);
    shmctl(segment, IPC_RMID);
  },
  interrupted() {
    const set = semget(IPC_PRIVATE, 1, IPC_CREAT | 0o600);
    signal('SIGUSR1', () => print('handler'));
    print(codeOf(() => semop(set, [{ num: 0, op: -1 }])));
    semctl(set, 0, IPC_RMID);
  },
});
