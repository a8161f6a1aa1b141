/** What sender and receiver agree on. Complete: there is nothing for you to do in this file. */
export const KEY_FILE = 'ledger.key';
export const KEY_PROJECT = 'L';

/** Type of the sender's first message. The answer has the pid of the sender as its type; pids are greater than 3. */
export const HELLO = 1;
/** Types of the two halves of an entry in the books. */
export const DEBIT = 2;
export const CREDIT = 3;

/** Exit status of a sender that finds no queue. */
export const EXIT_NOBODY = 2;

/** A hello is the pid of its sender; a debit or a credit is the number of the signal that it is for. In C: `struct { int number; }` */
export const NUMBER_BYTES = 4;

export function packNumber(number: number): Buffer {
  const data = Buffer.alloc(NUMBER_BYTES);
  data.writeInt32LE(number, 0);
  return data;
}

export function unpackNumber(data: Buffer): number {
  return data.readInt32LE(0);
}
