import { writeFile, link, unlink } from 'node:fs/promises';
import { MAILBOX, type Order, getMessageName, parseArgument } from './messages.js';

async function send(order: Order): Promise<void> {
  const temporary = `${MAILBOX}/.${order.id}.${process.pid}.tmp`;
  await writeFile(temporary, JSON.stringify(order));
  // Unlike rename it fails if the message is there still, from an earlier time; then it was sent.
  await link(temporary, `${MAILBOX}/${getMessageName(order.id)}`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await unlink(temporary);
  console.log(`sent ${order.id}`);
}

async function main(): Promise<void> {
  await Promise.all(process.argv.slice(2).map(async (argument) => send(parseArgument(argument))));
}

void main();
