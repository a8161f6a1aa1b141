import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_NOWAIT,
  IPC_RMID,
  SystemError,
  ftok,
  getpid,
  msgctl,
  msgget,
  promises,
} from '@ipclab/native';
import {
  EXIT_RUNNING,
  KEY_PROJECT,
  LETTER_BYTES,
  type Letter,
  PID_FILE,
  REQUEST,
  SETTING_FILE,
  packLetter,
  unpackLetter,
} from './messages.js';

class Daemon {
  readonly #stop = new AbortController();
  #queue = -1;
  #setting: Promise<string> | undefined;

  async run(): Promise<void> {
    process.on('SIGTERM', () => this.#stop.abort());
    process.on('SIGHUP', () => (this.#setting = undefined));
    try {
      this.#queue = msgget(ftok(SETTING_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
    } catch (error) {
      if (!isError(error, 'EEXIST')) throw error;
      console.error('daemon: another one runs');
      process.exitCode = EXIT_RUNNING;
      return;
    }
    await this.#register();
    await this.#serve();
    await unlink(PID_FILE);
    await this.#drain();
    msgctl(this.#queue, IPC_RMID);
  }

  /** The file gets its name when it is whole. One that is there was left behind: the queue is ours. */
  async #register(): Promise<void> {
    const temporary = `.${PID_FILE}-${getpid()}`;
    await writeFile(temporary, `${getpid()}\n`);
    await unlink(PID_FILE).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
    await link(temporary, PID_FILE);
    await unlink(temporary);
  }

  async #serve(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const { data } = await promises.msgrcv(this.#queue, LETTER_BYTES, REQUEST, 0, { signal });
        await this.#answer(unpackLetter(data));
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }

  async #drain(): Promise<void> {
    try {
      for (;;)
        await this.#answer(unpackLetter((await promises.msgrcv(this.#queue, LETTER_BYTES, REQUEST, IPC_NOWAIT)).data));
    } catch (error) {
      if (!isError(error, 'ENOMSG')) throw error;
    }
  }

  async #answer({ pid, text }: Letter): Promise<void> {
    const setting = await this.#readSetting();
    await promises.msgsnd(this.#queue, pid, packLetter({ pid: getpid(), text: `${setting} ${text}` }));
  }

  async #readSetting(): Promise<string> {
    this.#setting ??= readFile(SETTING_FILE, 'utf8');
    return (await this.#setting).trim();
  }
}

const isError = (error: unknown, code: string): boolean => error instanceof SystemError && error.code === code;

void new Daemon().run();
