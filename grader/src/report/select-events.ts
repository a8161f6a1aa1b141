import type { CallEvent, TraceEvent } from '@ipclab/native/supervisor';
import { getCalls, getContentsAt, getSleepersAt, type Run } from '../model/run.js';
import type { Finding } from '../rules/rule.js';

const WHOLE = 10; // a run this short is shown whole
const ENOUGH = 8; // events; with fewer, what their processes did before is shown too
const DESTROYED = 3; // messages in a removed queue whose sending is shown

/** Numbers of the events that a picture of a finding needs: those that show it and those that connect them. */
export function selectEvents(run: Run, finding: Pick<Finding, 'events'>): Set<number> {
  const { events } = run.trace;
  const shown = finding.events.flatMap((seq) => events[seq] ?? []);
  if (events.length <= WHOLE) return new Set(events.map(({ seq }) => seq));
  const chosen = new Set(shown.flatMap((event) => [event.seq, ...listConnected(run, event)]));
  for (const process of new Set([...chosen].map((seq) => events[seq]!.process)))
    for (const seq of listOrigin(run, process)) chosen.add(seq);
  for (const { seq, process } of shown.toReversed()) {
    if (chosen.size >= ENOUGH) break;
    const before = events.findLast((event) => event.process === process && event.seq < seq && isTelling(event));
    if (before && !chosen.has(before.seq))
      for (const each of [before.seq, ...listConnected(run, before)]) chosen.add(each);
  }
  return chosen;
}

/** Does it say more than that a process was set up? */
const isTelling = (event: TraceEvent): boolean =>
  event.kind === 'call'
    ? event.message !== undefined || event.error !== undefined || event.semaphores !== undefined || isRemoval(event)
    : event.kind === 'signal';

/** The other end of what an event sent or got; of a removal, what it destroyed and whom it woke; of a failure, what caused it. */
function listConnected(run: Run, event: TraceEvent): number[] {
  const { events, queues } = run.trace;
  if (event.kind === 'signal') {
    const { from, process, signal, seq } = event;
    const kill = events.findLast(
      (each) =>
        each.kind === 'call' &&
        each.name === 'kill' &&
        each.process === from &&
        each.target === process &&
        each.args.signal === signal &&
        each.seq < seq,
    );
    return kill ? [kill.seq] : [];
  }
  if (event.kind === 'removal') return listDestroyed(run, event.queue, event.seq);
  if (event.kind !== 'call') return [];
  if (isRemoval(event) && event.queue !== undefined) return listDestroyed(run, event.queue, event.seq);
  if (event.error === 'EINTR') {
    const signal = events.findLast(
      ({ kind, process, seq }) =>
        kind === 'signal' && process === event.process && seq < event.seq && seq > event.arrived,
    );
    return signal ? [signal.seq, ...listConnected(run, signal)] : [];
  }
  if (event.error === 'EIDRM' || event.error === 'EINVAL')
    return [queues[event.queue ?? -1]?.removedAt ?? event.seq].filter((seq) => seq < event.seq);
  const message = event.message === undefined ? undefined : run.messages[event.message];
  return message ? [message.sentAt, message.receivedAt].filter((seq) => seq !== null) : [];
}

export const isRemoval = ({ name, args, error }: CallEvent): boolean =>
  name === 'msgctl' && args.cmd === 'IPC_RMID' && error === undefined;

const listDestroyed = (run: Run, queue: number, seq: number): number[] => [
  ...getContentsAt(run, queue, seq)
    .flatMap(({ sentAt }) => sentAt ?? [])
    .slice(0, DESTROYED),
  ...getSleepersAt(run, queue, seq).map((call) => call.seq),
];

/** The fork that a process comes from. */
function listOrigin(run: Run, process: number): number[] {
  const parent = run.trace.processes[process]?.parent ?? null;
  if (parent === null) return [];
  const fork = getCalls(run, 'fork', parent).find(({ target }) => target === process);
  const start = run.trace.events.find((event) => event.kind === 'start' && event.process === process);
  return [fork?.seq, start?.seq].filter((seq) => seq !== undefined);
}
