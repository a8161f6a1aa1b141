import type { FreeHistory } from '@ipclab/native/supervisor';
import { isAboutQueue } from './queue-model.js';
import type { Operation } from './operation.js';

/** Calls that can only be judged together, because they are about the same queues. */
export interface Partition {
  operations: Operation[];
  decoys: FreeHistory['decoys'];
  left: FreeHistory['left']['queues'];
}

/**
 * A history has a legal order if and only if the calls on each queue have one (Herlihy & Wing 1990, locality). Queues that had the same key
 * are taken together, since msgget answers for all of them.
 */
export function createPartitions(history: FreeHistory): Partition[] {
  const groups = new Groups();
  const operations = createOperations(history).filter(({ call }) => isAboutQueue(call));
  const names = operations.map((operation) => {
    const { name, args, result, error } = operation.call;
    if (name !== 'msgget') return `id ${args.id}`;
    const made = operation.isOpen || error !== undefined ? undefined : `id ${result}`;
    // A private queue that somebody died over: there is no telling which.
    const key = args.key ? `key ${args.key}` : operation.isOpen ? 'private' : undefined;
    if (made && key) groups.join(made, key);
    return made ?? key ?? 'none';
  });
  for (const { id, key } of [...history.decoys, ...history.left.queues]) if (key) groups.join(`id ${id}`, `key ${key}`);
  // What nobody has made, somebody must have who died over it.
  const known = new Set([
    ...names.filter((name) => name.startsWith('id ')),
    ...history.decoys.map(({ id }) => `id ${id}`),
  ]);
  for (const { id, key } of history.left.queues) if (!key && !known.has(`id ${id}`)) groups.join(`id ${id}`, 'private');

  const partitions = new Map<string, Partition>();
  const getPartition = (name: string): Partition => {
    const group = groups.find(name);
    if (!partitions.has(group)) partitions.set(group, { operations: [], decoys: [], left: [] });
    return partitions.get(group)!;
  };
  for (const decoy of history.decoys) getPartition(`id ${decoy.id}`).decoys.push(decoy);
  for (const [index, operation] of operations.entries()) getPartition(names[index]!).operations.push(operation);
  for (const queue of history.left.queues) getPartition(`id ${queue.id}`).left.push(queue);
  return [...partitions.values()];
}

function createOperations({ events }: FreeHistory): Operation[] {
  const exits = new Map(events.flatMap((event) => (event.kind === 'exit' ? [[event.process, event.at]] : [])));
  return events.flatMap((call, event) => {
    if (call.kind !== 'call') return [];
    const { entered, returned } = call;
    const isOpen = returned === null;
    return [
      { event, call, entered, returned: returned ?? exits.get(call.process) ?? Infinity, isOpen, isOptional: isOpen },
    ];
  });
}

/** Names of which some belong together (union-find). */
class Groups {
  readonly #parents = new Map<string, string>();
  find(name: string): string {
    const parent = this.#parents.get(name);
    if (parent === undefined) return name;
    const root = this.find(parent);
    this.#parents.set(name, root);
    return root;
  }
  join(a: string, b: string): void {
    const [first, second] = [this.find(a), this.find(b)];
    if (first !== second) this.#parents.set(second, first);
  }
}
