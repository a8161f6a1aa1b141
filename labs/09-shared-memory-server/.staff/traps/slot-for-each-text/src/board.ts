/** What server, workers and clients agree on. Complete: there is nothing for you to do in this file. */
import { struct } from '@ipclab/native';

/** The keys are ftok(KEY_FILE, …) with these. */
export const KEY_FILE = 'board.key';
export const BOARD_PROJECT = 'B';
export const SEMAPHORES_PROJECT = 'S';
export const QUEUE_PROJECT = 'Q';

/** Semaphores of the set. LOCK: 1 if nobody uses the board, else 0. */
export const LOCK = 0;
/** ROOM: how many slots are free; SLOTS at first. */
export const ROOM = 1;

/** Type of the messages that announce a job. A reply has the pid of its client; pids are greater. */
export const JOB = 1;

/** Both messages, jobs and replies: in C, `struct { int slot; }` after the type. */
export const message = struct({ slot: 'int' });

/** The board has so few slots so that you meet a full one. */
export const SLOTS = 2;

/** States of a slot. A new segment is all zeros: every slot is FREE. */
export const FREE = 0;
/** A client has it, and there is nothing to do. */
export const HELD = 1;
/** Its text waits for a worker. */
export const WAITING = 2;
/** A worker is at it. */
export const AT_WORK = 3;
/** Its text is the result. */
export const DONE = 4;

const slot = struct({
  state: 'int',
  /** Pid of the client that has it. */
  client: 'int',
  /** Pid of the worker that took the job last. */
  worker: 'int',
  text: 'char[64]',
});

export interface Slot {
  state: number;
  client: number;
  worker: number;
  text: string;
}

// In C: struct { int done; struct slot slots[SLOTS]; }
const DONE_BYTES = 4;
export const BOARD_BYTES = DONE_BYTES + SLOTS * slot.sizeBytes;

const at = (board: Buffer, index: number): Buffer => {
  const start = DONE_BYTES + index * slot.sizeBytes;
  return board.subarray(start, start + slot.sizeBytes);
};

/** A copy of the slot, as it is now. */
export const readSlot = (board: Buffer, index: number): Slot => slot.unpack(at(board, index));

/** Writes these fields of the slot; the others stay. */
export function writeSlot(board: Buffer, index: number, changes: Partial<Slot>): void {
  slot.pack({ ...readSlot(board, index), ...changes }).copy(at(board, index));
}

/** How many jobs have been done. */
export const readDone = (board: Buffer): number => board.readInt32LE(0);
export const writeDone = (board: Buffer, done: number): void => {
  board.writeInt32LE(done, 0);
};
