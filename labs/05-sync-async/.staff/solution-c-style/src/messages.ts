/** What sender and receiver agree on. Complete: there is nothing for you to do in this file. */
export const KEY_FILE = 'mailbox.key';
export const KEY_PROJECT = 'M';

/** Type of an item. An acknowledgement has the pid of the sender of the item as its type; pids are greater than 1. */
export const ITEM = 1;

/** How long each waits for the other before it looks whether that one still lives, in seconds. */
export const SENDER_SECONDS = 1;
export const RECEIVER_SECONDS = 5;

/** After so many time-outs in a row the other one is given up, dead or alive. */
export const TIMEOUTS = 3;

/** How many pieces of work of its own an asynchronous receiver has. */
export const WORK = 3;

/** Exit statuses: nobody is there; or there was somebody, and is no more. */
export const EXIT_NOBODY = 2;
export const EXIT_PEER_LOST = 3;

/** In C: `struct { int pid; int number; }` */
export interface Item {
  /** Pid of the sender: where the acknowledgement goes to, and who may have died. */
  pid: number;
  /** 1, 2, 3 … Who sends an item again gives it the same number. */
  number: number;
}

const INT_BYTES = 4;
export const ITEM_BYTES = 2 * INT_BYTES;
export const ACK_BYTES = INT_BYTES;

export function packItem({ pid, number }: Item): Buffer {
  const data = Buffer.alloc(ITEM_BYTES);
  data.writeInt32LE(pid, 0);
  data.writeInt32LE(number, INT_BYTES);
  return data;
}

export function unpackItem(data: Buffer): Item {
  return { pid: data.readInt32LE(0), number: data.readInt32LE(INT_BYTES) };
}

/** An acknowledgement is the number of the item that it acknowledges. In C: `struct { int number; }` */
export function packAck(number: number): Buffer {
  const data = Buffer.alloc(ACK_BYTES);
  data.writeInt32LE(number, 0);
  return data;
}

export function unpackAck(data: Buffer): number {
  return data.readInt32LE(0);
}

/** What the receiver loses on purpose, as a bad line would. Each function answers yes once for a number that gets lost. */
export interface Losses {
  /** Does this item get lost on its way to the receiver? Ask when you have it; if so, it never came. */
  losesItem(number: number): boolean;
  /** Does the acknowledgement of this item get lost? Ask before you send it; if so, do not. */
  losesAck(number: number): boolean;
}

/** `lose-item N` or `lose-ack N`, or several of these: the last arguments of the receiver; without them nothing gets lost. */
export function createLosses(losing: readonly string[]): Losses {
  const left = new Set(losing.flatMap((what, at) => (at % 2 === 0 ? [`${what} ${losing[at + 1]}`] : [])));
  return {
    losesItem: (number) => left.delete(`lose-item ${number}`),
    losesAck: (number) => left.delete(`lose-ack ${number}`),
  };
}
