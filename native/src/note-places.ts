import type * as studentsApi from './index.js';
import type { FindPlace } from './source-maps.js';

type Api = typeof studentsApi;
type Call = (this: unknown, ...args: unknown[]) => unknown;

/** Promises that are remembered: the newest first. */
const REMEMBERED = 40;
const HANDLE_OPERATIONS = [
  'appendFile',
  'close',
  'read',
  'readFile',
  'sync',
  'truncate',
  'write',
  'writeFile',
] as const;
/** Of V8's class Error; a program may have its own. */
const SETTINGS = new Set(['prepareStackTrace', 'stackTraceLimit']);
/** Of the stack above a call: enough to leave our own functions behind. */
const DEPTH = 30;

export interface NotedModules {
  api: Api;
  /** `node:fs` or `node:fs/promises`, as `load` gives it. */
  noteFiles(name: FileModule, load: (name: string) => unknown): object;
}

export type FileModule = 'fs' | 'fs/promises';

/**
 * The students' API and Node's of files, each of whose functions first writes on the board from where in the source it was called.
 * The calls are the same ones as without it, in the same order; only slower.
 */
export function notePlaces(api: Api, findPlace: FindPlace, writeBoard: (text: string) => void): NotedModules {
  let here = '';
  let promised: string[] = [];
  /** Of the operations on files that a thread is at work for. */
  const underWay = new Set<{ place: string }>();
  const write = (place: string): void => {
    here = place;
    // Of several it is not known which of them makes a call.
    const files = underWay.size === 1 ? [...underWay].map((each) => `files ${each.place}`) : [];
    writeBoard([here, ...promised, ...files, ''].join('\n'));
  };

  const noting =
    (call: Call): Call =>
    (...args) => {
      const before = here;
      write(findCaller(findPlace));
      try {
        return call(...args);
      } finally {
        // A handler may have been called in the midst of another call.
        write(before);
      }
    };
  const promising =
    (name: string, call: Call): Call =>
    (...args) => {
      // As C's arguments: the type is the second of msgsnd, and the third of msgrcv.
      const type = args[name === 'msgsnd' ? 1 : 2];
      promised = [`${name} ${String(args[0])} ${String(type)} ${findCaller(findPlace)}`, ...promised].slice(
        0,
        REMEMBERED,
      );
      write(here);
      return call(...args);
    };

  const working = (call: Call): Call =>
    function (this: unknown, ...args) {
      const place = findCaller(findPlace);
      // Node's own, for an operation that is under way.
      if (place === '') return call.apply(this, args);
      const operation = { place };
      underWay.add(operation);
      write(here);
      const end = (result?: unknown): void => {
        underWay.delete(operation);
        write(here);
        noteHandles(result);
      };
      const promise = call.apply(this, args);
      // What comes of it is the caller's to handle.
      Promise.resolve(promise).then(end, () => end());
      return promise;
    };
  let hasHandles = false;
  /** Node tells of the class of its file handles only by one of them; and `close` is each handle's own. */
  const noteHandles = (result: unknown): void => {
    const methods = Object.getPrototypeOf(Object(result)) as Record<string, unknown> | null;
    if (methods?.constructor.name !== 'FileHandle') return;
    const handle = result as { close: Call };
    handle.close = working(handle.close);
    if (hasHandles) return;
    hasHandles = true;
    for (const name of HANDLE_OPERATIONS) methods[name] = working(methods[name] as Call);
  };

  const replace = (name: string, value: unknown): unknown =>
    isPlainFunction(value) ? noting(value) : name === 'promises' ? mapValues(value as object, promiseOf) : value;
  const promiseOf = (name: string, value: unknown): unknown =>
    isPlainFunction(value) ? promising(name, value) : value;
  const filePromiseOf = (_: string, value: unknown): unknown => (isPlainFunction(value) ? working(value) : value);
  const fileOf = (name: string, value: unknown): unknown =>
    name === 'promises'
      ? mapValues(value as object, filePromiseOf)
      : name.endsWith('Sync') && isPlainFunction(value)
        ? noting(value)
        : value;
  return {
    api: mapValues(api, replace) as Api,
    noteFiles: (name, load) => mapValues(load(name) as object, name === 'fs' ? fileOf : filePromiseOf),
  };
}

/** Classes stay what they are. */
function isPlainFunction(value: unknown): value is Call {
  return typeof value === 'function' && !/^class\b/.test(Function.prototype.toString.call(value));
}

function mapValues(from: object, change: (name: string, value: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(name, value)]));
}

/** The innermost place of the submission on the stack; empty if there is none. */
function findCaller(findPlace: FindPlace): string {
  const before = Object.fromEntries(
    Object.entries(Object.getOwnPropertyDescriptors(Error)).filter(([name]) => SETTINGS.has(name)),
  );
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = DEPTH;
    Error.prepareStackTrace = (_error, sites) => sites;
    Error.captureStackTrace(holder);
    const sites = holder.stack as NodeJS.CallSite[];
    for (const site of sites) {
      const place = findPlace(site);
      if (place !== undefined) return place;
    }
    return '';
  } finally {
    Object.defineProperties(Error, before);
  }
}
