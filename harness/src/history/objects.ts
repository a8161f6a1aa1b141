import { hasFlag, type Operation } from './operation.js';

/** What queues, semaphore sets and segments have in common (svipc(7)). */
export interface KernelObject {
  key: number;
  /** Permission bits. */
  mode: number;
  /** Put there by the scenario: it belongs to another user. */
  isForeign: boolean;
  /** Null while it is there. Else: it was removed before this stamp, as far as the calls tell that come after the removal. */
  removedBefore: number | null;
}

/** By id, the removed ones too. */
export type Objects<O> = ReadonlyMap<number, O>;

/** Errors that say nothing about the object, or that nobody can foresee. */
const BELIEVED = new Set(['ENOMEM', 'ENOSPC']);
export const isBelieved = ({ call }: Operation): boolean => call.error !== undefined && BELIEVED.has(call.error);

export const READING = 0o444;
export const WRITING = 0o222;

/** All processes of a run are one user's. */
export function isPermitted({ mode, isForeign }: KernelObject, asked: number): boolean {
  const fold = (bits: number): number => (bits | (bits >> 3) | (bits >> 6)) & 7;
  return (fold(asked) & ~(isForeign ? mode : mode >> 6)) === 0;
}

export function getAlive<O extends KernelObject>(objects: Objects<O>, id: number | undefined): O | undefined {
  const object = id === undefined ? undefined : objects.get(id);
  return object?.removedBefore === null ? object : undefined;
}

/** The living object with that key. */
export function findByKey<O extends KernelObject>(
  objects: Objects<O>,
  key: number,
): { id: number; object: O } | undefined {
  if (key === 0) return undefined; // IPC_PRIVATE
  for (const [id, object] of objects) if (object.key === key && object.removedBefore === null) return { id, object };
  return undefined;
}

export const withObject = <O>(objects: Objects<O>, id: number, object: O): Objects<O> =>
  new Map(objects).set(id, object);

/**
 * msgget(2), semget(2), shmget(2). `create`: a new object, or the errno for which it is not made. `getMisfit`: the errno of asking for
 * more than an existing one has. `openId`: under which id an open call would make one.
 */
export function applyGet<O extends KernelObject>(
  objects: Objects<O>,
  operation: Operation,
  create: () => O,
  getMisfit: (object: O) => string | undefined,
  openId: number,
): Objects<O> | undefined {
  const { args, result, error } = operation.call;
  if (isBelieved(operation)) return objects;
  const answers = (expected: string): boolean => !operation.isOpen && error === expected;
  const found = findByKey(objects, args.key ?? 0);
  if (found) {
    const refusal =
      hasFlag(operation, 'IPC_CREAT') && hasFlag(operation, 'IPC_EXCL')
        ? 'EEXIST'
        : (getMisfit(found.object) ?? (isPermitted(found.object, args.mode ?? 0) ? undefined : 'EACCES'));
    if (refusal !== undefined) return answers(refusal) ? objects : undefined;
    return !operation.isOpen && error === undefined && result === found.id ? objects : undefined;
  }
  if (args.key !== 0 && !hasFlag(operation, 'IPC_CREAT')) return answers('ENOENT') ? objects : undefined;
  const id = operation.isOpen ? openId : result;
  return error !== undefined || getAlive(objects, id) ? undefined : withObject(objects, id, create());
}

/** After an operation: what was removed was removed before it returned. `ids`: those for which that matters. */
export function noteReturn<O extends KernelObject>(
  objects: Objects<O>,
  ids: ReadonlySet<number>,
  returned: number,
): Objects<O> {
  let noted = objects;
  for (const id of ids) {
    const object = noted.get(id);
    if (object && object.removedBefore !== null && object.removedBefore > returned)
      noted = withObject(noted, id, { ...object, removedBefore: returned });
  }
  return noted;
}

/** A call that came to it before it was removed, and was told so. */
export const wasRemovedUnder = (object: KernelObject | undefined, { entered }: Operation): boolean =>
  object !== undefined && object.removedBefore !== null && entered < object.removedBefore;
