import { IPC_CREAT, ftok, msgget, msgrcv } from '@ipclab/native';
import { KEY_FILE, KEY_PROJECT, NORMAL, REQUEST_BYTES, unpackRequest } from './messages.js';

/** `server`: answers requests until SIGTERM. So far it takes normal requests, and answers none. */
function main(): void {
  // TODO: a second server must not share the queue of the first.
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | 0o600);
  // TODO: SIGTERM: remove the queue and exit with 0.
  for (;;) {
    // TODO: urgent requests too, and before normal ones.
    const request = unpackRequest(msgrcv(queue, REQUEST_BYTES, NORMAL).data);
    // TODO: send the text in upper case to the client that asked.
    void request;
  }
}

main();
