import { once } from 'node:events';
import {
  IPC_CREAT,
  IPC_EXCL,
  SIG_BLOCK,
  SIG_SETMASK,
  ftok,
  kill,
  msgget,
  msgsnd,
  promises,
  sigaddset,
  sigemptyset,
  sigprocmask,
} from '@ipclab/native';
import { CREDIT, DEBIT, HELLO, KEY_FILE, KEY_PROJECT, NUMBER_BYTES, packNumber, unpackNumber } from './messages.js';

/** A signal is an event of the event loop here: it waits there until this program waits for something. */
class Receiver {
  #counted = 0;
  readonly #sides = { debits: 0, credits: 0 };

  async run(): Promise<void> {
    process.on('SIGINT', () => console.log(`balance ${this.#sides.debits} ${this.#sides.credits}`));
    let sender = 0;
    process.on('SIGUSR1', () => {
      this.#counted += 1;
      this.#book(queue, sender);
    });
    const stopped = once(process, 'SIGTERM');
    const alive = setInterval(() => {}, 2 ** 30);

    const queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
    sender = unpackNumber((await promises.msgrcv(queue, NUMBER_BYTES, HELLO)).data);
    await promises.msgsnd(queue, sender, '');
    await stopped;
    clearInterval(alive);
    console.log(`counted ${this.#counted}`);
  }

  /** Without an await: a SIGINT that came just before may be an event already, and would be told at the next one. */
  #book(queue: number, sender: number): void {
    const interrupt = sigemptyset();
    sigaddset(interrupt, 'SIGINT');
    const before = sigprocmask(SIG_BLOCK, interrupt);
    msgsnd(queue, DEBIT, packNumber(this.#counted));
    this.#sides.debits += 1;
    msgsnd(queue, CREDIT, packNumber(this.#counted));
    this.#sides.credits += 1;
    sigprocmask(SIG_SETMASK, before);
    kill(sender, 'SIGUSR2');
  }
}

void new Receiver().run();
