import { IPC_CREAT, IPC_PRIVATE, _exit, fork, msgget, waitpid } from '@ipclab/native';

/** A parent asks its child for the double of 21. So far they share a queue, and nobody says anything. */
function main(): void {
  const queue = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);
  const pid = fork();
  if (pid === 0) {
    // TODO: take the question of type 1, and answer with the double, in a message of type 2.
    void queue;
    _exit(0);
  }
  // TODO: send 21 in a message of type 1, take the answer, and print it.
  waitpid(pid);
  // TODO: remove the queue.
}

main();
