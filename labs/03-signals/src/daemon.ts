import { readFileSync, writeFileSync } from 'node:fs';
import { IPC_CREAT, ftok, getpid, msgget, msgrcv, msgsnd } from '@ipclab/native';
import { KEY_PROJECT, LETTER_BYTES, PID_FILE, REQUEST, SETTING_FILE, packLetter, unpackLetter } from './messages.js';

/** `daemon`: answers each request. So far it listens to no signal, and ends only when it is killed. */
function main(): void {
  // TODO: SIGTERM and SIGHUP.
  // TODO: there may be a daemon already: exit with EXIT_RUNNING.
  const queue = msgget(ftok(SETTING_FILE, KEY_PROJECT), IPC_CREAT | 0o600);
  // TODO: what does a ctl read that looks just when this file has been made?
  writeFileSync(PID_FILE, `${getpid()}\n`);
  const setting = readFileSync(SETTING_FILE, 'utf8').trim();
  for (;;) {
    // TODO: a signal interrupts this call.
    const { pid, text } = unpackLetter(msgrcv(queue, LETTER_BYTES, REQUEST).data);
    msgsnd(queue, pid, packLetter({ pid: getpid(), text: `${setting} ${text}` }));
  }
  // TODO: when it is told to stop: the file, the requests that are there already, the queue.
}

main();
