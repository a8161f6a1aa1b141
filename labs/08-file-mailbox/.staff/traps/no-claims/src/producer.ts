import { copyFileSync, linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { MAILBOX, getMessageName, parseArgument } from './messages.js';

// A folder of its own for what is not finished; a name that leads to a finished file may stay.
const drafts = `drafts-${process.pid}`;
mkdirSync(drafts);
for (const order of process.argv.slice(2).map(parseArgument)) {
  const draft = `${drafts}/${order.id}`;
  writeFileSync(draft, JSON.stringify(order, null, 2));
  copyFileSync(draft, `${draft}.copy`);
  try {
    linkSync(draft, `${MAILBOX}/${getMessageName(order.id)}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  console.log(`sent ${order.id}`);
}
rmSync(drafts, { recursive: true });
