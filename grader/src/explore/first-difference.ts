import { compareTraces } from '@ipclab/harness';
import type { Trace } from '@ipclab/native/supervisor';

export interface Difference {
  seq: number;
  first: string;
  again: string;
}

/** The first event in which two runs of the same schedule differ, or how they ended; undefined if they are the same. */
export function findFirstDifference(first: Trace, again: Trace): Difference | undefined {
  const difference = compareTraces(first, again);
  if (!difference) return undefined;
  const seq = Number(/^events\[(\d+)\]$/.exec(difference.where)?.[1] ?? first.events.length);
  return { seq, first: describe(first, seq), again: describe(again, seq) };
}

function describe(trace: Trace, seq: number): string {
  const event = trace.events[seq];
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
