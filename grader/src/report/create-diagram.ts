import type { TraceEvent } from '@ipclab/native/supervisor';
import { getCalls, getContentsAt, type Run } from '../model/run.js';
import type { Finding } from '../rules/rule.js';
import type { Diagram, DiagramRow } from '../score/diagram.js';
import { type LabelOptions, nameLetter, renderLabel, renderWaitLabel } from './label.js';
import { isRemoval, selectEvents } from './select-events.js';

const TYPES = 8; // of the messages in a queue

/** What there is to draw of a finding, or of a whole run. A picture of less than two processes says no more than a list: it is undefined. */
export function createDiagram(
  run: Run,
  finding: Pick<Finding, 'rule' | 'events' | 'processes'> | 'all',
): Diagram | undefined {
  const { events, processes, end } = run.trace;
  const isAll = finding === 'all';
  const chosen = isAll ? new Set(events.map(({ seq }) => seq)) : selectEvents(run, finding);
  const shown = new Set(isAll ? [] : finding.events);
  const isEnding = !isAll && finding.rule === 'terminates';
  const waits = end.waits
    .map((wait, index) => ({ ...wait, seq: events.length + index }))
    .filter(({ process }) => isAll || isEnding || finding.processes.includes(process));

  const picked = events.filter(({ seq }) => chosen.has(seq));
  const order = [...new Set([...picked, ...waits].map(({ process }) => process))];
  if (order.length < 2) return undefined;
  const seen = new Set([...picked, ...waits].flatMap((each) => ('queue' in each ? (each.queue ?? []) : [])));
  const options: LabelOptions = { namesQueues: seen.size > 1 };
  const laneOf = (process: number): number => order.indexOf(process);

  const rows: DiagramRow[] = [
    ...picked.map((event) => ({
      seq: event.seq,
      lane: laneOf(event.process),
      kind: kindOf(event),
      text: renderLabel(run, event, options),
      shows: shown.has(event.seq),
      ...describeContents(run, event),
    })),
    ...waits.map((wait) => ({
      seq: wait.seq,
      lane: laneOf(wait.process),
      kind: 'wait' as const,
      text: renderWaitLabel(run, wait, options),
      shows: isEnding,
    })),
  ];
  return {
    lanes: order.map((process) => ({
      name: processes[process]!.name,
      start: events.find((event) => event.process === process)?.seq ?? 0,
      end: events.find((event) => event.kind === 'exit' && event.process === process)?.seq ?? null,
    })),
    queues: [...new Set(rows.flatMap(({ contents }) => contents?.queue ?? []))].toSorted(),
    rows,
    arrows: listArrows(run).filter(({ from, to }) => chosen.has(from ?? -1) || chosen.has(to ?? -1)),
    waits: listWaits(run).flatMap(({ process, from, to }) =>
      order.includes(process) ? [{ lane: laneOf(process), from, to }] : [],
    ),
    here: rows.findLast(({ shows }) => shows)?.seq ?? null,
  };
}

function kindOf(event: TraceEvent): DiagramRow['kind'] {
  if (event.kind === 'orphan') return 'signal';
  return event.kind === 'call' && isRemoval(event) ? 'removal' : event.kind;
}

/** What the queue holds after an event that made, filled, emptied or removed it. */
function describeContents(run: Run, event: TraceEvent): Pick<DiagramRow, 'contents'> {
  if (event.kind !== 'call' && event.kind !== 'removal') return {};
  const { queue, seq } = event;
  if (queue === undefined || queue < 0 || (event.kind === 'call' && event.error !== undefined)) return {};
  const removed = event.kind === 'removal' || isRemoval(event);
  const isMade = run.trace.queues[queue]?.createdAt === seq;
  if (!removed && !isMade && (event.kind !== 'call' || event.message === undefined)) return {};
  // Removal takes nothing out: what it held then is what was lost.
  const held = getContentsAt(run, queue, removed ? seq : seq + 1);
  const types = held.slice(0, TYPES).map(({ mtype }) => mtype);
  return { contents: { queue: nameLetter(queue), types, count: held.length, removed } };
}

/** All that went from one process to another in the run. */
function listArrows(run: Run): Diagram['arrows'] {
  const { events } = run.trace;
  const messages = run.messages.map(({ sentAt, receivedAt }) => ({
    kind: 'message' as const,
    from: sentAt,
    to: receivedAt,
  }));
  const forks = getCalls(run, 'fork').flatMap(({ seq, target }) => {
    const start = events.find((event) => event.kind === 'start' && event.process === target);
    return start && start.seq > seq ? [{ kind: 'fork' as const, from: seq, to: start.seq }] : [];
  });
  const signals = getCalls(run, 'kill').flatMap(({ seq, process, target, args, error }) => {
    if (error !== undefined || target === process) return [];
    const landed = events.find(
      (event) =>
        event.kind === 'signal' &&
        event.from === process &&
        event.process === target &&
        event.signal === args.signal &&
        event.seq > seq,
    );
    return landed ? [{ kind: 'signal' as const, from: seq, to: landed.seq }] : [];
  });
  return [...messages, ...forks, ...signals];
}

/** When a process could not go on. That of a call which never returned begins with the last that the process did. */
function listWaits(run: Run): { process: number; from: number; to: number | null }[] {
  const { events, end } = run.trace;
  return [
    ...getCalls(run)
      .filter(({ waited }) => waited)
      .map(({ process, arrived, seq }) => ({ process, from: Math.max(0, arrived), to: seq })),
    ...end.waits.map(({ process }) => ({
      process,
      from: events.findLast((event) => event.process === process)?.seq ?? 0,
      to: null,
    })),
  ];
}
