import { IPC_CREAT, IPC_PRIVATE, _exit, fork, msgget, waitpid } from '@ipclab/native';

/**
 * The lecture's example: a parent sends 252 in a message of type 42, its child receives it and prints `Received 252!`.
 * So far the two share a queue, but no message goes through it, and nobody removes it.
 */
function main(): void {
  const queue = msgget(IPC_PRIVATE, IPC_CREAT | 0o600);

  const pid = fork();
  if (pid === 0) {
    // TODO: receive the message of type 42 from the queue, and print the number in it.
    void queue;
    _exit(0);
  }

  // TODO: put 252 into four bytes (Buffer.writeInt32LE) and send them as a message of type 42.
  waitpid(pid);
  // TODO: remove the queue, and see to it that a SIGTERM or a SIGINT does not leave it behind.
}

main();
