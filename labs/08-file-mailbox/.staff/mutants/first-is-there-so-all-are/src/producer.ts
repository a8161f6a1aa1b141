import { closeSync, existsSync, openSync, renameSync, writeSync } from 'node:fs';
import { DONE, MAILBOX, type Order, getMessageName, parseArgument } from './messages.js';

/** The whole message under a name that nobody looks for, and of which there is only one; then its final name, in one step. */
function send(order: Order): void {
  const temporary = `${MAILBOX}/.${order.id}.${process.pid}`;
  const file = openSync(temporary, 'w');
  const text = JSON.stringify(order);
  let written = 0;
  while (written < text.length) written += writeSync(file, text.slice(written));
  closeSync(file);
  renameSync(temporary, `${MAILBOX}/${getMessageName(order.id)}`);
  console.log(`sent ${order.id}`);
}

const orders = process.argv.slice(2).map(parseArgument);
const name = getMessageName(orders[0]?.id ?? '');
if (!existsSync(`${MAILBOX}/${name}`) && !existsSync(`${DONE}/${name}`)) for (const order of orders) send(order);
