import { closeSync, linkSync, openSync, readFileSync, readdirSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import {
  DONE,
  MAILBOX,
  type Order,
  WORK,
  createInvoice,
  getClaimPath,
  isMessageName,
  parseClaimName,
} from './messages.js';

/** Makes the call; false if it fails with that error, which is a race lost or won. */
function succeeds(call: () => void, error: string): boolean {
  try {
    call();
    return true;
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code !== error) throw thrown;
    return false;
  }
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'w');
  let written = 0;
  while (written < text.length) written += writeSync(file, text.slice(written));
  closeSync(file);
}

const isAlive = (pid: number): boolean => succeeds(() => process.kill(pid, 0), 'ESRCH');

/** Of all who try, one succeeds. */
const claim = (from: string, to: string): boolean => succeeds(() => renameSync(from, to), 'ENOENT');

function work(name: string, claimed: string): void {
  const order = JSON.parse(readFileSync(claimed, 'utf8')) as Order;
  const temporary = `${DONE}/.${name}.${process.pid}`;
  writeWhole(temporary, JSON.stringify(createInvoice(order)));
  // A result that is there already stays: then the message had been sent again, or its importer died just after this.
  if (succeeds(() => linkSync(temporary, `${DONE}/${name}`), 'EEXIST')) console.log(`imported ${order.id}`);
  unlinkSync(temporary);
  unlinkSync(claimed);
}

/** Of those who are gone. */
function takeOver(): void {
  for (const file of readdirSync(WORK)) {
    const old = parseClaimName(file);
    if (!old || isAlive(old.pid)) continue;
    const claimed = getClaimPath(old.name, process.pid);
    if (claim(`${WORK}/${file}`, claimed)) work(old.name, claimed);
  }
}

/** Answers how many messages waited. */
function scan(): number {
  let count = 0;
  for (const name of readdirSync(MAILBOX).filter(isMessageName)) {
    const claimed = getClaimPath(name, process.pid);
    if (!claim(`${MAILBOX}/${name}`, claimed)) continue;
    work(name, claimed);
    count++;
  }
  return count;
}

takeOver();
while (scan() > 0);
