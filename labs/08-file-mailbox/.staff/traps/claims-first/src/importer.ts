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

/** A draft needs no dot: a name that does not end in `.json` is no result, nor a claim if it does not end in a pid. */
function work(name: string, claimed: string): void {
  const order = JSON.parse(readFileSync(claimed, 'utf8')) as Order;
  const draft = `${name}.${process.pid}.new`;
  writeWhole(`${WORK}/${draft}`, JSON.stringify(createInvoice(order)));
  renameSync(`${WORK}/${draft}`, `${DONE}/${draft}`);
  if (succeeds(() => linkSync(`${DONE}/${draft}`, `${DONE}/${name}`), 'EEXIST')) console.log(`imported ${order.id}`);
  unlinkSync(`${DONE}/${draft}`);
  unlinkSync(claimed);
}

/** Claims all that it may take. */
function scan(): { name: string; claimed: string }[] {
  const dead = readdirSync(WORK).flatMap((file) => {
    const old = parseClaimName(file);
    return old && !isAlive(old.pid) ? [{ name: old.name, path: `${WORK}/${file}` }] : [];
  });
  const waiting = readdirSync(MAILBOX)
    .filter(isMessageName)
    .map((name) => ({ name, path: `${MAILBOX}/${name}` }));
  return [...dead, ...waiting].flatMap(({ name, path }) => {
    const claimed = getClaimPath(name, process.pid);
    return claim(path, claimed) ? [{ name, claimed }] : [];
  });
}

// First it claims, until there is nothing left to claim, and only then does it work.
const claims = new Map<string, string>();
for (let isIdle = false; !isIdle;) {
  const found = scan();
  // The same message sent again takes the place of the first one in our claim.
  for (const { name, claimed } of found) claims.set(name, claimed);
  isIdle = found.length === 0;
}
for (const [name, claimed] of claims) work(name, claimed);
