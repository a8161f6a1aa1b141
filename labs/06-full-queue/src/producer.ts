import { IPC_CREAT, IPC_EXCL, ftok, msgget, msgsnd } from '@ipclab/native';
import { END, ITEM, ITEMS, KEY_FILE, numbered } from './messages.js';

/** `producer wait|discard|overwrite|confirm COUNT`: sends items. So far it gives up none, and confirms none. */
function main(): void {
  const [policy, count] = process.argv.slice(2);
  const items = msgget(ftok(KEY_FILE, ITEMS), IPC_CREAT | IPC_EXCL | 0o600);
  // TODO: confirm: a second queue, for the confirmations.
  for (let number = 1; number <= Number(count); number++) {
    // TODO: discard and overwrite: when there is no room, do not wait.
    void policy;
    msgsnd(items, ITEM, numbered.pack({ number }));
  }
  msgsnd(items, END, numbered.pack({ number: Number(count) }));
}

main();
