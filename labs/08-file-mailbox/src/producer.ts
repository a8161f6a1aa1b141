import { writeFileSync } from 'node:fs';
import { MAILBOX, getMessageName, parseArgument } from './messages.js';

/** `producer ORDER…`: so far it writes each message where it is to be found in the end. */
for (const argument of process.argv.slice(2)) {
  const order = parseArgument(argument);
  // TODO: what does an importer find that looks into the folder just now? What is left if we are killed just now?
  writeFileSync(`${MAILBOX}/${getMessageName(order.id)}`, JSON.stringify(order));
}
// TODO: say of each message that it was sent, when it was.
