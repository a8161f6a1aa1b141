import { ftok, getpid, msgget, msgsnd } from '@ipclab/native';
import { KEY_FILE, KEY_PROJECT, NORMAL, packRequest } from './messages.js';

/** `client urgent|normal TEXT…`: sends each text to the server and prints the replies. So far it does not wait for any. */
function main(): void {
  const [priority, ...texts] = process.argv.slice(2);
  // TODO: without a server there is no queue: exit with 2.
  const queue = msgget(ftok(KEY_FILE, KEY_PROJECT));
  for (const [sequence, text] of texts.entries()) {
    // TODO: the type of an urgent request.
    void priority;
    msgsnd(queue, NORMAL, packRequest({ client: getpid(), sequence, text }));
    // TODO: receive the reply to this client, and print its text.
    // TODO: when the server removes the queue meanwhile: exit with 1.
  }
}

main();
