import { once } from 'node:events';
import {
  IPC_CREAT,
  IPC_EXCL,
  SIG_BLOCK,
  SIG_SETMASK,
  ftok,
  kill,
  msgget,
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
  /** What is being booked: one after the other. */
  #work: Promise<void> = Promise.resolve();

  async run(): Promise<void> {
    process.on('SIGINT', () => console.log(`balance ${this.#sides.debits} ${this.#sides.credits}`));
    const signals: number[] = [];
    let sender = 0;
    process.on('SIGUSR1', () => {
      signals.push(++this.#counted);
      this.#work = this.#work.then(() => this.#book(queue, sender, signals.shift()!));
    });
    const stopped = once(process, 'SIGTERM');
    const alive = setInterval(() => {}, 2 ** 30);

    const queue = msgget(ftok(KEY_FILE, KEY_PROJECT), IPC_CREAT | IPC_EXCL | 0o600);
    sender = unpackNumber((await promises.msgrcv(queue, NUMBER_BYTES, HELLO)).data);
    await promises.msgsnd(queue, sender, '');
    await stopped;
    await this.#work;
    clearInterval(alive);
    console.log(`counted ${this.#counted}`);
  }

  async #book(queue: number, sender: number, number: number): Promise<void> {
    const interrupt = sigemptyset();
    sigaddset(interrupt, 'SIGINT');
    const before = sigprocmask(SIG_BLOCK, interrupt);
    await promises.msgsnd(queue, DEBIT, packNumber(number));
    this.#sides.debits += 1;
    await promises.msgsnd(queue, CREDIT, packNumber(number));
    this.#sides.credits += 1;
    sigprocmask(SIG_SETMASK, before);
    kill(sender, 'SIGUSR2');
  }
}

void new Receiver().run();
