import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { MAILBOX, type Order, getMessageName, parseArgument } from './messages.js';

/** A draft needs no dot: a name that does not end in `.json` is no message either. */
function send(order: Order): void {
  const temporary = `${MAILBOX}/${getMessageName(order.id)}.${process.pid}`;
  const file = openSync(temporary, 'w');
  const text = JSON.stringify(order);
  let written = 0;
  while (written < text.length) written += writeSync(file, text.slice(written));
  closeSync(file);
  renameSync(temporary, `${MAILBOX}/${getMessageName(order.id)}`);
  console.log(`sent ${order.id}`);
}

for (const argument of process.argv.slice(2)) send(parseArgument(argument));
