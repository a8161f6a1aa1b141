import { readFileSync } from 'node:fs';
import { ftok, getpid, kill, msgget, msgrcv, msgsnd } from '@ipclab/native';
import { KEY_PROJECT, LETTER_BYTES, PID_FILE, REQUEST, SETTING_FILE, packLetter, unpackLetter } from './messages.js';

/** `ctl ask TEXT… | reload WORD TEXT | stop`. So far it believes what is in the file. */
function main(): void {
  const [command, ...words] = process.argv.slice(2);
  // TODO: there may be no file, or one of a daemon that has died: exit with EXIT_NOBODY.
  const pid = Number(readFileSync(PID_FILE, 'utf8'));
  const queue = msgget(ftok(SETTING_FILE, KEY_PROJECT));
  if (command === 'ask') {
    for (const text of words) {
      // TODO: the daemon may remove the queue meanwhile: exit with EXIT_GONE.
      msgsnd(queue, REQUEST, packLetter({ pid: getpid(), text }));
      console.log(unpackLetter(msgrcv(queue, LETTER_BYTES, getpid()).data).text);
    }
  }
  if (command === 'stop') {
    // TODO: is it really the daemon that has this pid?
    kill(pid, 'SIGTERM');
    console.log(`stopping ${pid}`);
  }
  // TODO: reload.
}

main();
