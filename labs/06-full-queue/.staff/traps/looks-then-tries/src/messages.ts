import { struct } from '@ipclab/native';

/** What producer and consumer agree on. Complete: there is nothing for you to do in this file. */
export const KEY_FILE = 'buffer.key';
/** Projects of ftok: the queue of items, and that of confirmations. */
export const ITEMS = 'I';
export const CONFIRMATIONS = 'C';

/** Types. The number in an end mark is how many items there were, with those that were given up. */
export const ITEM = 1;
export const END = 2;
export const CONFIRMATION = 3;

/** In C: `struct { int number; }`, of an item, an end mark and a confirmation. */
export const numbered = struct({ number: 'int' });
