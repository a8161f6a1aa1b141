import { createRequire } from 'node:module';

/**
 * What addon.node offers. Every call returns its result, −errno, or `AGAIN`; checks, defaults and errors are made on this side.
 * Second results are in `exchange`.
 */
export interface Addon {
  readonly isMainThread: boolean;
  attach(exchange: ArrayBuffer): void;
  useSlab(slab: ArrayBuffer): void;
  describeErrno(number: number): [name: string, text: string];

  ftok(path: string, projId: number): number;
  msgget(key: number, flags: number): number;
  /** These three have their other arguments and their result in `exchange`. */
  msgsnd(this: void, data: Uint8Array): void;
  msgrcv(this: void): void;
  msgrcvInto(this: void, into: Uint8Array): void;
  msgctlRemove(msqid: number): number;
  msgctlStat(msqid: number, fields: Float64Array): number;
  msgctlSet(msqid: number, mode?: number, uid?: number, gid?: number, qbytes?: number): number;

  shmget(key: number, sizeBytes: number, flags: number): number;
  shmat(shmid: number, flags: number): ArrayBuffer | number;
  shmdt(segment: ArrayBufferLike): number;
  shmctl(shmid: number, cmd: number): number;
  shmctlStat(shmid: number, fields: Float64Array): number;
  shmctlSet(shmid: number, mode?: number, uid?: number, gid?: number): number;

  semget(key: number, count: number, flags: number): number;
  semop(semid: number, operations: Int16Array, timeoutMs: number): number;
  semctl(semid: number, num: number, cmd: number, value: number): number;
  semctlGetAll(semid: number): number[] | number;
  semctlSetAll(semid: number, values: Uint16Array): number;
  semctlStat(semid: number, fields: Float64Array): number;
  semctlSet(semid: number, mode?: number, uid?: number, gid?: number): number;

  prepareFork(emitBeforeExit: () => void, exit: () => void): void;
  fork(): number;
  waitpid(pid: number, options: number): number;
  exitNow(code: number): never;
  getpid(): number;
  getppid(): number;
  kill(pid: number, signal: number): number;
  raise(signal: number): number;

  startOperation(
    id: number,
    send: boolean,
    msqid: number,
    type: number | bigint,
    data: Uint8Array | number,
    flags: number,
  ): number;
  cancelOperation(id: number): void;
  takeFinished(): { id: number; result: number; data?: Buffer } | null;
  onFinished(settle: () => void): void;
  keepAlive(yes: boolean): void;

  onSignals(runHandlers: () => void): void;
  takeSignal(): number;
  recordSignal(signal: number): void;
  markHandler(signal: number): void;
  sigaction(signal: number, disposition: number, maskLow: number, maskHigh: number, flags: number): number;
  sigprocmask(how: number, low: number, high: number): number;
  sigpending(): number;
  sigsuspend(low: number, high: number): number;
  pause(): number;
  alarm(seconds: number): number;
}

/** The call was not made, because a signal's handler must run first. See restartable.h. */
export const AGAIN = -4096;

export const addon = createRequire(import.meta.url)('../build/Release/addon.node') as Addon;

const memory = new ArrayBuffer(72);
addon.attach(memory);

/**
 * Arguments of msgsnd and msgrcv, and what does not fit into a call's result; the C++ side is `struct Exchange`.
 * What is written for a call must be written right before it: a signal handler may make calls of its own.
 */
export const exchange = {
  numbers: new Float64Array(memory),
  exact: new BigInt64Array(memory),
  integers: new Int32Array(memory),
};
/** In `numbers`: mtype received, status … */
export const NUMBER = 0;
/** In `exact`: the same without rounding; a signal set; a type that is a bigint. */
export const EXACT = 1;
/** In `numbers`: not 0 when signals wait for their handlers. Written by msgsnd and msgrcv, as the following. */
export const SIGNALS = 2;
/** In `numbers`: result, −errno or `AGAIN`. */
export const RESULT = 3;
/** In `integers`. */
export const ID = 8;
/** In `integers`. */
export const FLAGS = 9;
/** In `numbers`; NaN when the type is in `exact`. */
export const TYPE = 5;
/** In `numbers`. */
export const SIZE = 6;
/** In `numbers`: place in the slab. */
export const OFFSET = 7;
