import { checkInteger, describe } from './check.js';

/** Owner and permissions of an IPC object: `struct ipc_perm`, without C's prefixes. */
export interface IpcPermissions {
  /** Key given to the get call; 0 for IPC_PRIVATE. */
  key: number;
  /** Permission bits. */
  mode: number;
  uid: number;
  gid: number;
  /** The creator's. */
  cuid: number;
  cgid: number;
}

/** The order in which the addon answers them, before the fields of each kind of object. */
export const PERMISSION_FIELDS = ['key', 'mode', 'uid', 'gid', 'cuid', 'cgid'] as const;

/** What IPC_SET can change of every kind of object; what is left out stays as it is. */
export interface IpcSettings {
  mode?: number;
  uid?: number;
  gid?: number;
}

/** A key is 32 bits, and may be written signed or unsigned. */
export function checkKey(key: unknown): void {
  checkInteger('key', key, -(2 ** 31), 2 ** 32 - 1);
}

/** Throws unless `settings` is an object whose fields, so far as they are there, are numbers without a sign. */
export function checkSettings<T extends object>(settings: T | undefined, names: readonly (keyof T & string)[]): T {
  if (typeof settings !== 'object' || settings === null) {
    throw new TypeError(`Expected settings to be an object such as { mode: 0o600 }, got ${describe(settings)}`);
  }
  for (const name of names) {
    if (settings[name] !== undefined) checkInteger(name, settings[name], 0, 2 ** 32 - 1);
  }
  return settings;
}

/** The struct that the addon has answered as an array. */
export function toRecord<Name extends string>(names: readonly Name[], fields: Float64Array): Record<Name, number> {
  return Object.fromEntries(names.map((name, i) => [name, fields[i]!])) as Record<Name, number>;
}
