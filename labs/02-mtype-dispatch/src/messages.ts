/** What server and clients agree on. Complete: there is nothing for you to do in this file. */
export const KEY_FILE = 'dispatch.key';
export const KEY_PROJECT = 'D';

/** Types of requests. A reply has the pid of the client that asked as its type; pids are greater than 2. */
export const URGENT = 1;
export const NORMAL = 2;

/** In C: `struct { int client; int sequence; char text[64]; }` */
export interface Request {
  /** Pid of the client that asks. */
  client: number;
  /** Counts the requests of that client. */
  sequence: number;
  text: string;
}

/** In C: `struct { int sequence; char text[64]; }` */
export interface Reply {
  /** The request's. */
  sequence: number;
  text: string;
}

const INT_BYTES = 4;
const TEXT_BYTES = 64;
export const REQUEST_BYTES = 2 * INT_BYTES + TEXT_BYTES;
export const REPLY_BYTES = INT_BYTES + TEXT_BYTES;

export function packRequest({ client, sequence, text }: Request): Buffer {
  const data = Buffer.alloc(REQUEST_BYTES);
  data.writeInt32LE(client, 0);
  data.writeInt32LE(sequence, INT_BYTES);
  writeText(data, 2 * INT_BYTES, text);
  return data;
}

export function unpackRequest(data: Buffer): Request {
  return { client: data.readInt32LE(0), sequence: data.readInt32LE(INT_BYTES), text: readText(data, 2 * INT_BYTES) };
}

export function packReply({ sequence, text }: Reply): Buffer {
  const data = Buffer.alloc(REPLY_BYTES);
  data.writeInt32LE(sequence, 0);
  writeText(data, INT_BYTES, text);
  return data;
}

export function unpackReply(data: Buffer): Reply {
  return { sequence: data.readInt32LE(0), text: readText(data, INT_BYTES) };
}

// A text in C ends with a byte 0, so that there is room for 63 others.
function writeText(data: Buffer, offset: number, text: string): void {
  data.write(text, offset, TEXT_BYTES - 1);
}

function readText(data: Buffer, offset: number): string {
  const end = data.indexOf(0, offset);
  return data.toString('utf8', offset, end < 0 ? undefined : end);
}
