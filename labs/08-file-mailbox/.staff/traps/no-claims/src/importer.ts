import { linkSync, readFileSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { DONE, MAILBOX, type Order, WORK, createInvoice, isMessageName, parseClaimName } from './messages.js';

/** Undefined if it fails with that error. */
function attempt<T>(call: () => T, code: string): T | undefined {
  try {
    return call();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}

// The message stays where it is until its result is there: several may do the work, but only one link succeeds.
function importMessage(path: string, name: string): boolean {
  const text = attempt(() => readFileSync(path, 'utf8'), 'ENOENT');
  if (text === undefined) return false;
  const order = JSON.parse(text) as Order;
  const draft = `${WORK}/.${process.pid}`;
  writeFileSync(draft, JSON.stringify(createInvoice(order)));
  const isFirst = attempt(() => (linkSync(draft, `${DONE}/${name}`), true), 'EEXIST');
  unlinkSync(draft);
  if (isFirst) console.log(`imported ${order.id}`);
  attempt(() => unlinkSync(path), 'ENOENT');
  return true;
}

for (let isIdle = false; !isIdle;) {
  isIdle = true;
  // Nobody here claims anything: whatever is claimed was so by somebody who is gone.
  for (const file of readdirSync(WORK)) {
    const name = parseClaimName(file)?.name;
    if (name !== undefined && importMessage(`${WORK}/${file}`, name)) isIdle = false;
  }
  for (const name of readdirSync(MAILBOX).filter(isMessageName))
    if (importMessage(`${MAILBOX}/${name}`, name)) isIdle = false;
}
