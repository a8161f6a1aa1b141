/** What main, producers and consumers agree on. Complete: there is nothing for you to do in this file. */
import { struct } from '@ipclab/native';

/** Types in the queue of items. Both may be received by -PILL. */
export const ITEM = 1;
/** The end of the stream. Only its type counts; it has no bytes. */
export const PILL = 2;

/** `number` of a reply by which main asks a producer to send again what was not acknowledged. */
export const AGAIN = 0;

/** A message of type ITEM. */
export const item = struct({
  /** Pid of the producer: the type of the acknowledgement. */
  pid: 'int',
  /** Which producer: 1, 2, 3 … */
  producer: 'int',
  /** Which of its items: 1, 2, 3 … */
  number: 'int',
});

/** In the queue of replies; its type is the pid of the producer that it is for. */
export const reply = struct({
  /** Of the item that was consumed, or AGAIN. */
  number: 'int',
});

/** The two queues, whose ids the children inherit. */
export interface Queues {
  items: number;
  replies: number;
}
