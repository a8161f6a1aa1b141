import { readFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { DONE, MAILBOX, type Order, createInvoice } from './messages.js';

/** `importer`: so far it takes whatever is there, and trusts that it is alone and lives for ever. */
for (const name of readdirSync(MAILBOX)) {
  // TODO: is it a message at all? Has another importer come for it, too?
  const order = JSON.parse(readFileSync(`${MAILBOX}/${name}`, 'utf8')) as Order;
  unlinkSync(`${MAILBOX}/${name}`);
  // TODO: what is left of the message if we are killed just now?
  writeFileSync(`${DONE}/${name}`, JSON.stringify(createInvoice(order)));
  console.log(`imported ${order.id}`);
}
// TODO: what did those leave behind who were killed? Has anything come in the meantime?
