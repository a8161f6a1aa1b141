import type { FreeHistory, HistoryCall, HistoryEvent, QueueStatus } from '@ipclab/native/supervisor';

export const QUEUE = 7;
type Stamps = [entered: number, returned: number | null];
type Answer = { error?: string; flags?: string[]; id?: number };

const answer = (result: number, { error }: Answer): Pick<HistoryCall, 'result' | 'error'> =>
  error === undefined ? { result } : { result: -1, error };
const data = (text: string): string => Buffer.from(text).toString('base64');

function createCall(
  process: number,
  [entered, returned]: Stamps,
  rest: Omit<HistoryCall, 'kind' | 'process' | 'entered' | 'returned'>,
): HistoryCall {
  return { kind: 'call', process, entered, returned, ...rest };
}

/** Each call as `(process, [entered, returned], …)`; on the queue 7 if not said. */
export const get = (process: number, stamps: Stamps, key: number, { flags = ['IPC_CREAT'], ...rest }: Answer = {}) =>
  createCall(process, stamps, {
    name: 'msgget',
    args: { key, mode: 0o600, flags },
    ...answer(rest.id ?? QUEUE, rest),
  });

export const send = (process: number, stamps: Stamps, mtype: number, text: string, rest: Answer = {}) =>
  createCall(process, stamps, {
    name: 'msgsnd',
    args: { id: rest.id ?? QUEUE, mtype, sizeBytes: text.length, flags: rest.flags ?? [] },
    data: data(text),
    ...answer(0, rest),
  });

/** `got`: type and text; null if it failed. */
export const receive = (
  process: number,
  stamps: Stamps,
  msgtyp: number,
  got: [mtype: number, text: string] | null,
  rest: Answer & { sizeBytes?: number } = {},
) =>
  createCall(process, stamps, {
    name: 'msgrcv',
    args: {
      id: rest.id ?? QUEUE,
      msgtyp,
      sizeBytes: rest.sizeBytes ?? 100,
      flags: rest.flags ?? [],
      ...(got ? { mtype: got[0] } : {}),
    },
    ...(got ? { data: data(got[1]) } : {}),
    ...answer(got?.[1].length ?? -1, rest),
  });

export const control = (process: number, stamps: Stamps, cmd: string, rest: Answer & { status?: QueueStatus } = {}) =>
  createCall(process, stamps, {
    name: 'msgctl',
    args: { id: rest.id ?? QUEUE, cmd },
    ...(rest.status ? { status: rest.status } : {}),
    ...answer(0, rest),
  });

/** A history of calls alone; nothing said of what is left means that nothing is, unless `left` is missing on purpose. */
export function createHistory(events: HistoryEvent[], more: Partial<FreeHistory> = {}): FreeHistory {
  const count = Math.max(0, ...events.map(({ process }) => process)) + 1;
  return {
    version: 2,
    processes: Array.from({ length: count }, (_, index) => ({
      name: `p#${index + 1}`,
      role: 'p',
      pid: 20_000 + index,
      parent: null,
      exit: { code: 0 },
      endedBySupervisor: false,
      calls: 0,
    })),
    decoys: [],
    events,
    left: { queues: [], segments: [], semaphores: [] },
    end: { cause: 'completed', waits: [] },
    ...more,
  };
}

/** What is left in queue 7: types and texts. */
export const left = (...messages: [mtype: number, text: string][]): Pick<FreeHistory, 'left'> => ({
  left: {
    queues: [
      {
        id: QUEUE,
        key: 0,
        status: { mode: 0o600, messages: messages.length, bytes: 0, maxBytes: 16_384 },
        messages: messages.map(([mtype, text]) => ({ mtype, data: data(text) })),
      },
    ],
    segments: [],
    semaphores: [],
  },
});
