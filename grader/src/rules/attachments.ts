import type { Run } from '../model/run.js';

/** What a process itself has to do with one segment. */
interface Attachment {
  /** Calls by which it attached it, and did not detach it again. */
  times: number;
  /** The last of them. */
  seq: number;
}

/** Where shared memory is attached, event by event: `advance` to each in turn. */
export class Attachments {
  readonly #run: Run;
  /** By process, then by segment. What a process inherits by fork is not in it: nobody asks it to detach that. */
  readonly #byProcess = new Map<number, Map<number, Attachment>>();
  readonly #ever = new Set<number>();

  constructor(run: Run) {
    this.#run = run;
  }

  /** Takes note of the next event. Call it with each, in order. */
  advance(event: Run['trace']['events'][number]): void {
    const { process, kind } = event;
    if (kind === 'start') this.#inherit(process);
    if (kind !== 'call' || event.error !== undefined) return;
    if (event.name === 'execve') this.#byProcess.delete(process);
    if (event.segment === undefined) return;
    const segments = this.#byProcess.get(process) ?? new Map<number, Attachment>();
    this.#byProcess.set(process, segments);
    const { times, seq } = segments.get(event.segment) ?? { times: 0, seq: event.seq };
    if (event.name === 'shmat') {
      this.#ever.add(process);
      segments.set(event.segment, { times: times + 1, seq: event.seq });
    }
    if (event.name === 'shmdt') segments.set(event.segment, { times: Math.max(0, times - 1), seq });
  }

  /** Is, or was, a segment attached to it, or to its parent when it was forked? */
  hasEver(process: number): boolean {
    return this.#ever.has(process);
  }

  /** Segments that it has attached itself, and not detached. */
  getOwn(process: number): { segment: number; seq: number }[] {
    return [...(this.#byProcess.get(process) ?? [])].flatMap(([segment, { times, seq }]) =>
      times > 0 ? [{ segment, seq }] : [],
    );
  }

  #inherit(process: number): void {
    const { parent } = this.#run.trace.processes[process]!;
    if (parent !== null && this.#ever.has(parent)) this.#ever.add(process);
  }
}
