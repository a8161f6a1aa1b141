// What producer and importer agree on. Complete: nothing is to be done here.

/** What a message says: so many of a thing, at this price each. */
export interface Order {
  id: string;
  quantity: number;
  price: number;
}

/** What comes of it. */
export interface Invoice {
  id: string;
  total: number;
}

/** Messages appear in `import`, are claimed in `work`, and their results appear in `done`. The folders are there. */
export const MAILBOX = 'import';
export const WORK = 'work';
export const DONE = 'done';

/** `a1:2:30` is order a1, of 2 things at 30 each. */
export function parseArgument(argument: string): Order {
  const [id = '', quantity, price] = argument.split(':');
  return { id, quantity: Number(quantity), price: Number(price) };
}

export const createInvoice = ({ id, quantity, price }: Order): Invoice => ({ id, total: quantity * price });

/** `a1.json`; so is a result called, too. */
export const getMessageName = (id: string): string => `${id}.json`;

/** Is it a message? Names that begin with a dot are not, and whatever else may lie there. */
export const isMessageName = (name: string): boolean => /^[^.].*\.json$/.test(name);

/** Where an importer keeps what it has claimed: `work/a1.json.4711`. */
export const getClaimPath = (name: string, pid: number): string => `${WORK}/${name}.${pid}`;

/** What a file in `work` says: the message `a1.json`, claimed by 4711. Null for any other file. */
export function parseClaimName(file: string): { name: string; pid: number } | null {
  const [, name, pid] = /^([^.].*\.json)\.(\d+)$/.exec(file) ?? [];
  return name === undefined ? null : { name, pid: Number(pid) };
}
