import type * as studentsApi from './index.js';
import type { FindPlace } from './source-maps.js';

type Api = typeof studentsApi;
type Call = (...args: unknown[]) => unknown;

/** Promises that are remembered: the newest first. */
const REMEMBERED = 40;
/** Of V8's class Error; a program may have its own. */
const SETTINGS = new Set(['prepareStackTrace', 'stackTraceLimit']);
/** Of the stack above a call: enough to leave our own functions behind. */
const DEPTH = 30;

/**
 * The students' API, each of whose functions first writes on the board from where in the source it was called. The calls are the
 * same ones as without it, in the same order; only slower.
 */
export function notePlaces(api: Api, findPlace: FindPlace, writeBoard: (text: string) => void): Api {
  let here = '';
  let promised: string[] = [];
  const write = (place: string): void => {
    here = place;
    writeBoard([here, ...promised, ''].join('\n'));
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

  const replace = (name: string, value: unknown): unknown =>
    isPlainFunction(value) ? noting(value) : name === 'promises' ? mapValues(value as object, promiseOf) : value;
  const promiseOf = (name: string, value: unknown): unknown =>
    isPlainFunction(value) ? promising(name, value) : value;
  return mapValues(api, replace) as Api;
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
