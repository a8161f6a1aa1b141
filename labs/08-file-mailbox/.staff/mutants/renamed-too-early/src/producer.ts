import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { MAILBOX, type Order, getMessageName, parseArgument } from './messages.js';

/** The whole message under a name that nobody looks for, and of which there is only one; then its final name, in one step. */
function send(order: Order): void {
  const temporary = `${MAILBOX}/.${order.id}.${process.pid}`;
  const file = openSync(temporary, 'w');
  renameSync(temporary, `${MAILBOX}/${getMessageName(order.id)}`);
  const text = JSON.stringify(order);
  let written = 0;
  while (written < text.length) written += writeSync(file, text.slice(written));
  closeSync(file);
  console.log(`sent ${order.id}`);
}

for (const argument of process.argv.slice(2)) send(parseArgument(argument));
