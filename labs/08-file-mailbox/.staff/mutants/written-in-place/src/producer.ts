import { closeSync, openSync, writeSync } from 'node:fs';
import { MAILBOX, type Order, getMessageName, parseArgument } from './messages.js';

function send(order: Order): void {
  const file = openSync(`${MAILBOX}/${getMessageName(order.id)}`, 'w');
  const text = JSON.stringify(order);
  let written = 0;
  while (written < text.length) written += writeSync(file, text.slice(written));
  closeSync(file);
  console.log(`sent ${order.id}`);
}

for (const argument of process.argv.slice(2)) send(parseArgument(argument));
