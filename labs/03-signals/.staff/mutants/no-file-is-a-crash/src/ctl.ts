import { readFileSync, writeFileSync } from 'node:fs';
import { SystemError, ftok, getpid, kill, msgget, msgrcv, msgsnd } from '@ipclab/native';
import {
  EXIT_GONE,
  EXIT_NOBODY,
  KEY_PROJECT,
  LETTER_BYTES,
  type Letter,
  PID_FILE,
  REQUEST,
  SETTING_FILE,
  packLetter,
  unpackLetter,
} from './messages.js';

function main(): void {
  const [command, ...words] = process.argv.slice(2);
  const pid = findDaemon();
  const queue = findQueue();
  if (command === 'ask') {
    for (const word of words) console.log(ask(queue, word).text);
    return;
  }
  // A number in a file: is it the daemon's? Only the daemon can answer.
  if (ask(queue, '?').pid !== pid) leave(EXIT_NOBODY, 'the daemon is not registered');
  if (command === 'stop') {
    kill(pid, 'SIGTERM');
    console.log(`stopping ${pid}`);
  } else {
    const [setting = '', word = ''] = words;
    // Into the file that is there: the key of the queue hangs on it, not on its name.
    writeFileSync(SETTING_FILE, `${setting}\n`);
    kill(pid, 'SIGHUP');
    console.log(ask(queue, word).text);
  }
}

/** The pid in the file, if there is a process of that number. */
function findDaemon(): number {
  try {
    const pid = Number(readFileSync(PID_FILE, 'utf8'));
    kill(pid, 0);
    return pid;
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
    leave(EXIT_NOBODY, 'there is no daemon');
  }
}

function findQueue(): number {
  try {
    return msgget(ftok(SETTING_FILE, KEY_PROJECT));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    leave(EXIT_NOBODY, 'there is no daemon');
  }
}

function ask(queue: number, text: string): Letter {
  try {
    msgsnd(queue, REQUEST, packLetter({ pid: getpid(), text }));
    return unpackLetter(msgrcv(queue, LETTER_BYTES, getpid()).data);
  } catch (error) {
    if (!['EIDRM', 'EINVAL'].includes(codeOf(error))) throw error;
    leave(EXIT_GONE, 'the daemon has gone');
  }
}

function leave(status: number, message: string): never {
  console.error(`ctl: ${message}`);
  process.exit(status);
}

const codeOf = (error: unknown): string =>
  error instanceof SystemError || (error as NodeJS.ErrnoException).code ? (error as { code: string }).code : '';

main();
