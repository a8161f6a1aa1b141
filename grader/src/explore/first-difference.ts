import type { Trace, TraceEvent } from '@ipclab/native/supervisor';

export interface Difference {
  seq: number;
  first: string;
  again: string;
}

/** The first event in which two runs of the same schedule differ, or how they ended; undefined if they are the same. */
export function findFirstDifference(first: Trace, again: Trace): Difference | undefined {
  for (let seq = 0; seq < Math.max(first.events.length, again.events.length); seq++) {
    const [one, other] = [first.events[seq], again.events[seq]];
    if (!one || !other || JSON.stringify(one) !== JSON.stringify(other))
      return { seq, first: describe(first, one), again: describe(again, other) };
  }
  if (JSON.stringify(first.end) === JSON.stringify(again.end)) return undefined;
  return { seq: first.events.length, first: describe(first, undefined), again: describe(again, undefined) };
}

function describe(trace: Trace, event: TraceEvent | undefined): string {
  if (!event) return `the run ended: ${trace.end.cause}${trace.end.detail ? ` (${trace.end.detail})` : ''}`;
  const name = trace.processes[event.process]?.name ?? `process ${event.process}`;
  switch (event.kind) {
    case 'call': {
      const args = Object.entries(event.args).map(([key, value]) => `${key} ${JSON.stringify(value)}`);
      return `${name}: ${event.name}(${args.join(', ')}) = ${event.error ?? event.result}`;
    }
    case 'signal':
      return `${name}: ${event.signal}, ${event.action}`;
    case 'output':
      return `${name}: ${event.stream} ${JSON.stringify(event.text)}`;
    case 'exit':
      return `${name}: exit ${JSON.stringify(event.exit)}`;
    default:
      return `${name}: ${event.kind}`;
  }
}
