/** What daemon and ctl agree on. Complete: there is nothing for you to do in this file. */

/** Here the daemon is registered: its pid, and nothing else but a newline. */
export const PID_FILE = 'daemon.pid';

/** One word, with which each reply begins. It is also the file of the queue's key. */
export const SETTING_FILE = 'daemon.conf';
export const KEY_PROJECT = 'D';

/** Type of a message that the daemon may send itself, to be woken up. */
export const WAKE = 1;
/** Type of a request. A reply has the pid of who asked as its type; pids are greater than 2. */
export const REQUEST = 2;

/** Exit statuses: of a daemon, there is one already; of a ctl, there is none, or there is none any more. */
export const EXIT_RUNNING = 1;
export const EXIT_NOBODY = 2;
export const EXIT_GONE = 3;

/** In C: `struct { int pid; char text[24]; }`. pid: of who sends it. A text is at most 23 bytes long. */
export interface Letter {
  pid: number;
  text: string;
}

const TEXT_BYTES = 24;
const INT_BYTES = 4;
export const LETTER_BYTES = INT_BYTES + TEXT_BYTES;

export function packLetter({ pid, text }: Letter): Buffer {
  const data = Buffer.alloc(LETTER_BYTES);
  data.writeInt32LE(pid, 0);
  data.write(text.slice(0, TEXT_BYTES - 1), INT_BYTES);
  return data;
}

export function unpackLetter(data: Buffer): Letter {
  const text = data.subarray(INT_BYTES).toString();
  return { pid: data.readInt32LE(0), text: text.slice(0, text.indexOf('\0')) };
}
