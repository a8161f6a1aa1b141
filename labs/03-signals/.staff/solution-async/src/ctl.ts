import { readFile, writeFile } from 'node:fs/promises';
import { ftok, getpid, kill, msgget, promises } from '@ipclab/native';
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

/** What a failed call says about the daemon, as an exit status. */
const STATUSES: Record<string, number> = {
  ENOENT: EXIT_NOBODY,
  ESRCH: EXIT_NOBODY,
  EIDRM: EXIT_GONE,
  EINVAL: EXIT_GONE,
};

async function main([command, ...words]: string[]): Promise<void> {
  const registered = Number(await readFile(PID_FILE, 'utf8'));
  kill(registered, 0);
  const queue = msgget(ftok(SETTING_FILE, KEY_PROJECT));
  const ask = async (text: string): Promise<Letter> => {
    await promises.msgsnd(queue, REQUEST, packLetter({ pid: getpid(), text }));
    return unpackLetter((await promises.msgrcv(queue, LETTER_BYTES, getpid())).data);
  };
  const signal = async (name: 'SIGTERM' | 'SIGHUP'): Promise<void> => {
    const { pid } = await ask('who');
    if (pid !== registered) throw Object.assign(new Error(), { code: 'ESRCH' });
    kill(pid, name);
  };

  switch (command) {
    case 'ask':
      for (const word of words) console.log((await ask(word)).text);
      break;
    case 'reload':
      await writeFile(SETTING_FILE, `${words[0]}\n`);
      await signal('SIGHUP');
      console.log((await ask(words[1] ?? '')).text);
      break;
    case 'stop':
      await signal('SIGTERM');
      console.log(`stopping ${registered}`);
      break;
  }
}

main(process.argv.slice(2)).catch((error: NodeJS.ErrnoException) => {
  const status = STATUSES[error.code ?? ''];
  if (status === undefined) throw error;
  console.error(`ctl: ${status === EXIT_GONE ? 'the daemon has gone' : 'no daemon'}`);
  process.exitCode = status;
});
