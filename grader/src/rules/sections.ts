import type { CallEvent, TraceEvent } from '@ipclab/native/supervisor';
import type { Run } from '../model/run.js';

/** What makes a critical section: a semaphore that is taken and given back, or a message that whoever has it hands on. */
export type Lock = { semaphore: number } | { token: string };

/** A process is inside: from the event by which it took the lock to the one by which it gave it back. */
export interface Section {
  process: number;
  /** Semaphore set, or queue of the token. */
  object: number;
  taken: number;
  /** Null: never. An end of the process counts if the kernel gave it back then (SEM_UNDO). */
  given: number | null;
}

/** A process has ended, and the semaphore is not what it was before it came. */
export interface Imbalance {
  process: number;
  object: number;
  /** Its first operation on the semaphore that nothing balances. */
  seq: number;
  ended: number;
  /** −1: still taken; 1: given back once too often. */
  by: -1 | 1;
}

export interface Sections {
  sections: Section[];
  imbalances: Imbalance[];
}

/** What a process has done to the lock of one set. */
interface Balance {
  open: Section | null;
  /** Sum of its operations, as far as they take and give back; 0 or less. */
  own: number;
  /** What the kernel will add when it ends (semadj in semop(2)). */
  undo: number;
  last: number;
}

const isSetting = ({ name, args }: CallEvent): boolean =>
  name === 'semctl' && (args.cmd === 'SETVAL' || args.cmd === 'SETALL');

function findBySemaphore(run: Run, semaphore: number): Sections {
  const sections: Section[] = [];
  const imbalances: Imbalance[] = [];
  /** By set, then by process. */
  const balances = new Map<number, Map<number, Balance>>();

  const operate = (call: CallEvent, object: number) => {
    const operations = (call.args.operations ?? []).filter(({ num }) => num === semaphore);
    const sum = operations.reduce((total, { op }) => total + op, 0);
    if (sum === 0) return;
    const ofSet = balances.get(object) ?? new Map<number, Balance>();
    balances.set(object, ofSet);
    const balance = ofSet.get(call.process) ?? { open: null, own: 0, undo: 0, last: call.seq };
    ofSet.set(call.process, balance);
    for (const { op, flags } of operations) if (flags.includes('SEM_UNDO')) balance.undo -= op;
    // Who gives what it did not take sets the first value, by semop instead of SETVAL.
    balance.own = Math.min(0, balance.own + sum);
    balance.last = call.seq;
    if (balance.own < 0 && !balance.open) {
      balance.open = { process: call.process, object, taken: call.seq, given: null };
      sections.push(balance.open);
    } else if (balance.own === 0 && balance.open) {
      balance.open.given = call.seq;
      balance.open = null;
    }
  };

  const end = ({ seq, process }: TraceEvent) => {
    for (const [object, ofSet] of balances) {
      const balance = ofSet.get(process);
      const removedAt = run.trace.semaphores[object]?.removedAt ?? null;
      if (!balance || (removedAt !== null && removedAt < seq)) continue;
      const { open, own, undo, last } = balance;
      if (own + undo !== 0)
        imbalances.push({ process, object, seq: open?.taken ?? last, ended: seq, by: own + undo < 0 ? -1 : 1 });
      if (open) open.given = own + undo >= 0 ? seq : null;
      ofSet.delete(process);
    }
  };

  for (const event of run.trace.events) {
    if (event.kind === 'exit') end(event);
    if (event.kind !== 'call' || event.error !== undefined || event.semaphores === undefined) continue;
    if (event.name === 'semop') operate(event, event.semaphores);
    // A set value clears what the kernel would undo; whoever was inside is no more so.
    if (isSetting(event)) {
      for (const { open } of balances.get(event.semaphores)?.values() ?? []) if (open) open.given = event.seq;
      balances.delete(event.semaphores);
    }
  }
  return { sections, imbalances };
}

function findByToken(run: Run, token: string): Sections {
  const tokens = run.messages.filter(({ format }) => format === token);
  const sections: Section[] = [];
  const imbalances: Imbalance[] = [];
  for (const { queue, receiver, receivedAt } of tokens) {
    if (receiver === null || receivedAt === null) continue;
    const sent = tokens
      .filter(({ sender, sentAt }) => sender === receiver && sentAt !== null && sentAt > receivedAt)
      .map(({ sentAt }) => sentAt!);
    const given = sent.length > 0 ? Math.min(...sent) : null;
    sections.push({ process: receiver, object: queue, taken: receivedAt, given });
    const ended = run.trace.events.find(({ kind, process }) => kind === 'exit' && process === receiver)?.seq;
    // The last one may keep it: it matters only to those who wait for it.
    const isMissed = run.trace.end.waits.some((wait) => wait.kind === 'message' && wait.queue === queue);
    if (given === null && ended !== undefined && isMissed)
      imbalances.push({ process: receiver, object: queue, seq: receivedAt, ended, by: -1 });
  }
  return { sections: sections.toSorted((a, b) => a.taken - b.taken), imbalances };
}

/** Who was inside a critical section, when; and who left the lock otherwise than it was. */
export const findSections = (run: Run, lock: Lock): Sections =>
  'token' in lock ? findByToken(run, lock.token) : findBySemaphore(run, lock.semaphore);
