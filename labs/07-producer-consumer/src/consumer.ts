import { msgrcv } from '@ipclab/native';
import { ITEM, type Queues, item } from './messages.js';

/** Consumes items. So far it never stops. */
export function consume({ items }: Queues): void {
  // TODO: until a pill comes.
  for (;;) {
    const { producer, number } = item.unpack(msgrcv(items, item.sizeBytes, ITEM).data);
    console.log(`item ${number} of producer ${producer}`);
    // TODO: tell the producer that its item is consumed.
  }
}
