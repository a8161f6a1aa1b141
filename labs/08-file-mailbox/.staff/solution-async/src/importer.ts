import { link, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
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

/** Undefined instead of that error. */
const unless = async <T>(code: string, attempt: Promise<T>): Promise<T | undefined> =>
  attempt.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== code) throw error;
    return undefined;
  });

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Messages that may be taken: those that wait, and those whose importer is gone. */
async function* findMessages(): AsyncGenerator<{ path: string; name: string }> {
  for (const name of await readdir(MAILBOX)) if (isMessageName(name)) yield { path: `${MAILBOX}/${name}`, name };
  for (const file of await readdir(WORK)) {
    const claim = parseClaimName(file);
    if (claim && !isAlive(claim.pid)) yield { path: `${WORK}/${file}`, name: claim.name };
  }
}

/** False if another importer was faster. */
async function importMessage(path: string, name: string): Promise<boolean> {
  const claimed = getClaimPath(name, process.pid);
  const isMine = await unless(
    'ENOENT',
    rename(path, claimed).then(() => true),
  );
  if (!isMine) return false;
  const order = JSON.parse(await readFile(claimed, 'utf8')) as Order;
  const draft = `${WORK}/.${name}.${process.pid}`;
  await writeFile(draft, JSON.stringify(createInvoice(order)));
  const isNew = await unless(
    'EEXIST',
    link(draft, `${DONE}/${name}`).then(() => true),
  );
  if (isNew) console.log(`imported ${order.id}`);
  await Promise.all([rm(draft), rm(claimed)]);
  return true;
}

async function main(): Promise<void> {
  for (let count = -1; count !== 0;) {
    count = 0;
    for await (const { path, name } of findMessages()) if (await importMessage(path, name)) count++;
  }
}

void main();
