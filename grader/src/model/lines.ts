import type { Run } from './run.js';

/** A line that a process printed; without what ends it. */
export interface Line {
  text: string;
  process: number;
  /** `seq` of the output with its first letter; a line may come in pieces. */
  begunAt: number;
  /** `seq` of the output with its last. */
  seq: number;
  /** Is it the last one, and the process ended without ending it? */
  isOpen: boolean;
}

/** What these processes printed, line by line; of one that we ended, the lines that it had ended. */
export function getLines({ trace }: Run, processes: readonly number[], stream: 'stdout' | 'stderr'): Line[] {
  const lines: Line[] = [];
  const rest = new Map<number, Line>();
  for (const event of trace.events) {
    if (event.kind !== 'output' || event.stream !== stream || !processes.includes(event.process)) continue;
    const { process, seq } = event;
    const before = rest.get(process);
    const parts = `${before?.text ?? ''}${event.text}`.split('\n').map((text, index): Line => {
      const begunAt = index === 0 && before && before.text !== '' ? before.begunAt : seq;
      return { text, process, begunAt, seq, isOpen: false };
    });
    rest.set(process, { ...parts.pop()!, isOpen: true });
    lines.push(...parts.map((line) => ({ ...line, text: line.text.replace(/\r$/, '') })));
  }
  // Whoever was ended by us might still have written the end of its line.
  const open = [...rest.values()].filter(({ text, process }) => text !== '' && trace.processes[process]!.exit !== null);
  return [...lines, ...open];
}
